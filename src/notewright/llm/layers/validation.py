"""The layer that lets no reply through but a valid one."""

from __future__ import annotations

from dataclasses import replace

from notewright.control import Cancel
from notewright.llm.layers.layer import Layer
from notewright.llm.thoughts import is_thought, strip_thoughts
from notewright.prompting.reply import InvalidReply, read_reply
from notewright.prompting.request import Reply, Request


class Validated(Layer):
    """Strips what a model thought aloud, and reads the reply strictly: a server may ignore the schema and say nothing of it."""

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer with what the schema allows. Raises `TruncatedReply` and `InvalidReply`, which hold what was answered instead."""
        answered = self.inner.chat(request, cancel)
        reply = replace(answered, text=strip_thoughts(answered.text))
        if reply.finish == "stop" and is_thought(reply.text):
            raise InvalidReply(
                "the model thought aloud and never came to its reply", hint="choose a model that does not think", reply=answered
            )
        read_reply(reply, request.schema)
        return reply
