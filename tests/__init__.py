"""Tests of the product: a package, so that one test may stand on what another file offers."""
