"""Passwords are kept as argon2id hashes with salts of their own."""

from services.kernel import passwords

PASSWORD = "correct horse battery staple"


def test_a_hash_is_of_argon2id_and_has_its_own_salt():
    first, second = passwords.hash_password(PASSWORD), passwords.hash_password(PASSWORD)
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second
    assert not passwords.is_outdated(first)


def test_a_password_matches_its_own_hash_alone():
    stored = passwords.hash_password(PASSWORD)
    assert passwords.matches(stored, PASSWORD)
    assert not passwords.matches(stored, PASSWORD + "r")
    assert not passwords.matches(stored, "")


def test_without_a_hash_nothing_matches_and_the_work_is_done_all_the_same(monkeypatch):
    done = []
    verify = passwords._hasher.verify
    monkeypatch.setattr(
        passwords._hasher.__class__, "verify", lambda self, *given: done.append(given[0]) or verify(*given)
    )
    assert not passwords.matches(None, PASSWORD)
    assert not passwords.matches("no hash at all", PASSWORD)
    assert [given.startswith("$argon2id$") for given in done] == [True, False]


def test_a_hash_of_other_parameters_is_outdated():
    assert passwords.is_outdated(
        "$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHRzYWx0$LnEHz4nyO5RpRWgUlDDmLoxJOsGuIOfYUG4bLJUXV3g"
    )
