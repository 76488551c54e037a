"""A faithful local double of Grok for the demo and the tests; the product never imports it."""
