"""What puts the mirror's badge into a page of Grok's: one script of the mirror's own, no inline."""

SNIPPET = b'<script src="/-/static/badge.js" defer></script>'
