"""The chat API: OpenAI's dialect over Grok's transports, served by the sidecar."""
