"""The store: what is kept and how it is read, one file for each concept, over the tables of ``service.tables``.

``Store`` gives transactions; the modules' functions take the transaction's connection, so that what belongs together
is written together::

    with store.writing() as connection:
        item = items.find(connection, "hp-0117")
        events.emit(connection, "item.updated", item, now())
"""

from service.sqlite import UNAVAILABLE, StoreError
from service.store.database import Store, address_of
from service.store.records import STATUS_OF, NewMatch, NewText, Status, StoredItem

__all__ = [
    "STATUS_OF",
    "UNAVAILABLE",
    "NewMatch",
    "NewText",
    "Status",
    "Store",
    "StoreError",
    "StoredItem",
    "address_of",
]
