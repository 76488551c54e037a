"""The sidecar's pages: signing in, choosing a car, the management API and the admin console."""
