from aanwezig.local.places import Places


def test_without_a_word_everything_is_under_the_nearest_project_root(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").touch()
    below = tmp_path / "some" / "where"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    places = Places.found(environ={})

    assert places.home == tmp_path.resolve() / ".aanwezig"
    assert places.engines == places.home / "engines"


def test_the_environment_moves_home_and_engines_apart(tmp_path):
    places = Places.found(
        environ={"AANWEZIG_HOME": str(tmp_path / "h"), "AANWEZIG_ENGINES": str(tmp_path / "e")}
    )

    assert (places.home, places.engines) == (tmp_path / "h", tmp_path / "e")


def test_what_the_caller_names_goes_before_the_environment(tmp_path):
    places = Places.found(tmp_path / "mine", environ={"AANWEZIG_HOME": str(tmp_path / "other")})

    assert places.home == tmp_path / "mine"


def test_directories_for_data_are_closed_to_others(tmp_path):
    places = Places.found(tmp_path / "home", environ={})

    places.prepare(places.mongo)

    assert {path.stat().st_mode & 0o777 for path in (places.home, places.mongo)} == {0o700}
