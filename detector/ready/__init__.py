"""What makes a process ready for its work before it is given any: importing one of these modules."""
