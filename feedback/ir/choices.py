"""The values that fields of the IR are known to have.

Fields take other values as well, except those that `validate` checks: EnsembleStrategy, ExecutionMode,
HedgingStrategy, RunStatus and DeploymentState.
"""

from enum import StrEnum


class ExperimentType(StrEnum):
    """Values of Experiment.experiment_type."""

    EVALUATION = "evaluation"
    TRAINING = "training"
    COMPARISON = "comparison"
    ABLATION = "ablation"


class OutputFormat(StrEnum):
    """Values of OutputSpec.formats."""

    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"
    LATEX = "latex"
    CSV = "csv"


class OutputSink(StrEnum):
    """Values of OutputSpec.sink."""

    FILE = "file"
    STDOUT = "stdout"
    S3 = "s3"
    POSTGRES = "postgres"


class DatasetProvider(StrEnum):
    """Values of DatasetRef.provider; `crucible_feedback` names curated sets of this installation."""

    CRUCIBLE_DATASETS = "crucible_datasets"
    HUGGINGFACE = "huggingface"
    CRUCIBLE_FEEDBACK = "crucible_feedback"


class DatasetSplit(StrEnum):
    """Values of DatasetRef.split."""

    TRAIN = "train"
    TEST = "test"
    VALIDATION = "validation"


class DatasetFormat(StrEnum):
    """Values of DatasetRef.format."""

    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"
    ARROW = "arrow"


class ModelProvider(StrEnum):
    """Values of ModelRef.provider."""

    LOCAL = "local"
    HUGGINGFACE = "huggingface"
    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    S3 = "s3"
    GCS = "gcs"


class ModelFramework(StrEnum):
    """Values of ModelRef.framework."""

    NX = "nx"
    PYTORCH = "pytorch"
    TENSORFLOW = "tensorflow"
    ONNX = "onnx"
    SAFETENSORS = "safetensors"


class ModelArchitecture(StrEnum):
    """Values of ModelRef.architecture."""

    TRANSFORMER = "transformer"
    LSTM = "lstm"
    CNN = "cnn"
    MLP = "mlp"


class ModelTask(StrEnum):
    """Values of ModelRef.task."""

    TEXT_CLASSIFICATION = "text_classification"
    TEXT_GENERATION = "text_generation"
    EMBEDDING = "embedding"
    QA = "qa"
    SUMMARIZATION = "summarization"


class ModelStage(StrEnum):
    """Values of ModelVersion.stage."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"
    ARCHIVED = "archived"


class Optimizer(StrEnum):
    """Values of TrainingConfig.optimizer."""

    ADAM = "adam"
    SGD = "sgd"
    ADAMW = "adamw"
    RMSPROP = "rmsprop"


class LossFunction(StrEnum):
    """Values of TrainingConfig.loss_function."""

    CROSS_ENTROPY = "cross_entropy"
    MSE = "mse"
    MAE = "mae"
    BCE = "bce"


class Device(StrEnum):
    """Values of TrainingConfig.device."""

    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"
    TPU = "tpu"


class RunStatus(StrEnum):
    """Values of TrainingRun.status; there are no others."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DeploymentEnvironment(StrEnum):
    """Values of DeploymentConfig.environment."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


class DeploymentStrategy(StrEnum):
    """Values of DeploymentConfig.strategy."""

    ROLLING = "rolling"
    BLUE_GREEN = "blue_green"
    CANARY = "canary"
    RECREATE = "recreate"


class DeploymentState(StrEnum):
    """Values of DeploymentStatus.state; there are no others."""

    PENDING = "pending"
    DEPLOYING = "deploying"
    ACTIVE = "active"
    DEGRADED = "degraded"
    FAILED = "failed"
    TERMINATED = "terminated"


class DeploymentHealth(StrEnum):
    """Values of DeploymentStatus.health."""

    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    DEGRADED = "degraded"


class EnsembleStrategy(StrEnum):
    """Values of Ensemble.strategy; there are no others."""

    NONE = "none"
    MAJORITY = "majority"
    WEIGHTED = "weighted"
    BEST_CONFIDENCE = "best_confidence"
    UNANIMOUS = "unanimous"


class ExecutionMode(StrEnum):
    """Values of Ensemble.execution_mode; there are no others."""

    PARALLEL = "parallel"
    SEQUENTIAL = "sequential"
    HEDGED = "hedged"
    CASCADE = "cascade"


class HedgingStrategy(StrEnum):
    """Values of Hedging.strategy; there are no others."""

    OFF = "off"
    FIXED = "fixed"
    PERCENTILE = "percentile"
    ADAPTIVE = "adaptive"
    WORKLOAD_AWARE = "workload_aware"


class StatisticalTest(StrEnum):
    """Values of Stats.tests."""

    TTEST = "ttest"
    BOOTSTRAP = "bootstrap"
    ANOVA = "anova"
    MANNWHITNEY = "mannwhitney"
    WILCOXON = "wilcoxon"
    KRUSKAL = "kruskal"


class EffectSize(StrEnum):
    """Values of Stats.effect_size_type."""

    COHENS_D = "cohens_d"
    ETA_SQUARED = "eta_squared"
    OMEGA_SQUARED = "omega_squared"


class Correction(StrEnum):
    """Values of Stats.multiple_testing_correction."""

    BONFERRONI = "bonferroni"
    HOLM = "holm"
    FDR = "fdr"


class FairnessMetric(StrEnum):
    """Values of Fairness.metrics."""

    DEMOGRAPHIC_PARITY = "demographic_parity"
    EQUALIZED_ODDS = "equalized_odds"
    EQUAL_OPPORTUNITY = "equal_opportunity"
    PREDICTIVE_PARITY = "predictive_parity"


class GuardrailProfile(StrEnum):
    """Values of Guardrail.profiles."""

    DEFAULT = "default"
    STRICT = "strict"
    MODERATE = "moderate"
    PERMISSIVE = "permissive"


class FeedbackKind(StrEnum):
    """Values of FeedbackEvent.feedback_type."""

    THUMBS = "thumbs"
    RATING = "rating"
    CORRECTION = "correction"
    LABEL = "label"
    FLAG = "flag"


class FeedbackStorage(StrEnum):
    """Values of FeedbackConfig.storage."""

    POSTGRES = "postgres"
    S3 = "s3"
    BIGQUERY = "bigquery"
    LOCAL = "local"
