"""Conversations with models in one form, whatever dialect they come in."""

from feedback.conversations.canonical import decode, encode
from feedback.conversations.messages import Conversation, ConversationError, Message
from feedback.conversations.reading import read, read_response

__all__ = ["Conversation", "ConversationError", "Message", "decode", "encode", "read", "read_response"]
