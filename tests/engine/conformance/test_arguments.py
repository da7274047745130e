"""The list of vLLM's arguments that the config is checked against is that of the installed vLLM."""

from arte.config import generate_arguments, libraries


def test_the_list_is_that_of_the_installed_library():
    assert libraries.known_arguments()["EngineArgs"] == generate_arguments.library("EngineArgs")
