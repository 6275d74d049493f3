"""The tests; `tests.internet` is the fake internet that they and the demo run on."""
