"""What jobs find in their environment: the package `arte`, Python, gates and addresses.

REQUIRED INPUTS: the checked config. OUTPUTS: none.
"""

from arte.config.endpoints import addresses
from arte.core import gates, lifetime
from arte.core.errors import ArteError
from arte.core.interpreter import search_path
from arte.models.endpoint import ADDRESSES

# Jobs import arte from here, with or without a conda environment of their own.
# Threads that wait without spinning: where cores are shared, training is 20 times faster for it.
os.environ.update(
    PYTHONPATH=str(SCRIPTS), OMP_WAIT_POLICY="PASSIVE", WORKFLOW_PYTHON=sys.executable
)
os.environ[gates.LIMITS] = json.dumps(config["gates"])
os.environ[ADDRESSES] = json.dumps(addresses(config))
os.environ[lifetime.OWNER] = lifetime.identity(os.getpid())  # jobs end with it

# With a deployment method, jobs bring a Python of their own.
if not workflow.deployment_settings.deployment_method:
    try:
        os.environ.update(PATH=search_path(sys.executable, *os.get_exec_path()))
    except ArteError as error:
        raise WorkflowError(str(error)) from None
