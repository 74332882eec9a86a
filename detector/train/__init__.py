"""Learning the models again from data; the only part that needs scikit-learn (the extra ``train``)."""
