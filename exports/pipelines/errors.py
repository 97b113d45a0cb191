"""How a stage ends without a result."""

from exports.pipelines.context import Context


class StageFailed(Exception):
    """A stage cannot do what it is for; the message is the reason."""


class StageWaits(Exception):
    """A stage waits for a worker or a person; the message says for what."""


class PipelineFailed(StageFailed):
    """The stage of a pipeline that failed, the reason, and the context before it."""

    def __init__(self, stage: str, reason: str, context: Context):
        super().__init__(f"{stage}: {reason}")
        self.stage, self.reason, self.context = stage, reason, context


class PipelineWaits(StageWaits):
    """The stage of a pipeline that waits. Run the pipeline with this context again to go on."""

    def __init__(self, stage: str, reason: str, context: Context):
        super().__init__(f"{stage}: {reason}")
        self.stage, self.reason, self.context = stage, reason, context


class RunEnded(Exception):
    """The run was cancelled or deleted while a worker was running it."""
