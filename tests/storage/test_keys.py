"""An API key opens until it is revoked, and is nowhere to be read."""

from nurture.storage.database import Database
from nurture.storage.keys import ApiKey, create_key, list_keys, revoke_key, verify_keys
from tests.storage.scenes import DAY, NOW


def test_a_key_opens_until_it_is_revoked(db: Database) -> None:
    with db.begin() as c:
        key = create_key(c, "site", NOW)
        assert key is not None
        assert verify_keys(c, [key, key + "x"]) == {key: ApiKey("site", NOW, None)}
        assert revoke_key(c, "site", NOW + DAY)
        assert verify_keys(c, [key]) == {}
        assert list_keys(c) == [ApiKey("site", NOW, NOW + DAY)]


def test_a_name_is_given_once(db: Database) -> None:
    with db.begin() as c:
        assert create_key(c, "site", NOW) is not None
        assert create_key(c, "site", NOW) is None


def test_there_must_be_a_key_to_revoke(db: Database) -> None:
    with db.begin() as c:
        assert not revoke_key(c, "site", NOW)


def test_only_the_hash_is_kept(db: Database) -> None:
    with db.begin() as c:
        key = create_key(c, "site", NOW)
        assert key is not None
        assert key not in str(c.exec_driver_sql("SELECT * FROM api_keys").all())
