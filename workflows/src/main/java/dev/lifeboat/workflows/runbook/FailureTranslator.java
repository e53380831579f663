package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.contract.postgres.Outcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptor;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptorBase;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TimeoutFailure;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries a {@link RecoveryFailure} through Temporal and back, and notes on an {@link Outcome} its attempt. Every worker and every test installs it: without it, such
 * an exception thrown by workflow code would not fail a run but block it for ever.
 */
public final class FailureTranslator extends WorkerInterceptorBase {

    private static final String HINT = "\nhint: ";

    /** A failure as it arrived: the code is {@link FailureCode#UNEXPECTED_ERROR} for what nobody foresaw. */
    public record Read(FailureCode code, String message, String hint) {}

    /** Type = the code, details = the hint. */
    public static ApplicationFailure toTemporal(RecoveryFailure failure) {
        return ApplicationFailure.newBuilder()
                .setMessage(String.valueOf(failure.getMessage()))
                .setType(failure.code().name())
                .setNonRetryable(!failure.code().isRetriedByMachine())
                .setCause(failure.getCause())
                .setDetails(failure.hint())
                .build();
    }

    /** The failure at the bottom of what Temporal wrapped around it. */
    public static Read read(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof RecoveryFailure own) {
                return new Read(own.code(), String.valueOf(own.getMessage()), own.hint());
            }
            if (at instanceof ApplicationFailure application) {
                return read(application);
            }
            if (at instanceof TimeoutFailure timeout) {
                return read(timeout);
            }
            if (at instanceof CanceledFailure) {
                return new Read(FailureCode.ABORTED, "it was cancelled", "");
            }
        }
        return unexpected(failure.toString());
    }

    /** Whether this came from a cancellation, of the whole run or of its inner scope. */
    static boolean isCancellation(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof CanceledFailure) {
                return true;
            }
        }
        return false;
    }

    private static Read read(ApplicationFailure failure) {
        String message = String.valueOf(failure.getOriginalMessage());
        boolean refused = refusalIn(message).isPresent();
        return Arrays.stream(FailureCode.values())
                .filter(code -> !refused && code.name().equals(failure.getType()))
                .findFirst()
                .map(code -> new Read(code, message, hintOf(failure)))
                .or(() -> refusalIn(message))
                .orElseGet(() -> unexpected(failure.getType() + ": " + message));
    }

    /**
     * What a validator refuses keeps nothing but its message on the way to the client (SDK 1.38, sdk-java #3001), so code
     * and hint travel inside of it.
     */
    private static ApplicationFailure refusal(RecoveryFailure failure) {
        return ApplicationFailure.newNonRetryableFailure(
                failure.code() + ": " + failure.getMessage() + HINT + failure.hint(),
                failure.code().name());
    }

    private static Optional<Read> refusalIn(String message) {
        return Arrays.stream(FailureCode.values())
                .filter(code -> message.startsWith(code + ": ") && message.contains(HINT))
                .findFirst()
                .map(code -> new Read(
                        code,
                        message.substring(code.name().length() + 2, message.lastIndexOf(HINT)),
                        message.substring(message.lastIndexOf(HINT) + HINT.length())));
    }

    private static Read read(TimeoutFailure timeout) {
        return switch (timeout.getTimeoutType()) {
            case TIMEOUT_TYPE_SCHEDULE_TO_START ->
                new Read(
                        FailureCode.NO_WORKER,
                        "no worker took the work from its queue",
                        "start one beside the data directory with 'lifeboat worker'");
            case TIMEOUT_TYPE_HEARTBEAT ->
                new Read(
                        FailureCode.WORKER_LOST,
                        "the worker that did it fell silent, and so did every attempt after it",
                        "look at the worker's log, start it again with 'lifeboat worker', then answer 'retry'");
            default ->
                new Read(
                        FailureCode.WORKER_LOST,
                        "it did not end within the time that such work is given",
                        "look at the worker's log, then answer 'retry'");
        };
    }

    private static Read unexpected(String message) {
        return new Read(
                FailureCode.UNEXPECTED_ERROR,
                message,
                "this is an error in Lifeboat or in its surroundings; the worker's log has the stack trace");
    }

    private static String hintOf(ApplicationFailure failure) {
        if (failure.getDetails().getSize() == 0) {
            return "";
        }
        @Nullable String hint = failure.getDetails().get(0, String.class);
        return hint == null ? "" : hint;
    }

    @Override
    public ActivityInboundCallsInterceptor interceptActivity(ActivityInboundCallsInterceptor next) {
        return new ActivityInboundCallsInterceptorBase(next) {
            private int attempt;

            @Override
            public void init(ActivityExecutionContext context) {
                attempt = context.getInfo().getAttempt();
                super.init(context);
            }

            @Override
            public ActivityOutput execute(ActivityInput input) {
                try {
                    ActivityOutput output = super.execute(input);
                    // Workflow code cannot see how many attempts an activity took, so its answer says it.
                    return output.getResult() instanceof Outcome<?> answer
                            ? new ActivityOutput(
                                    answer.withOutcome(answer.outcome().withAttempt(attempt)))
                            : output;
                } catch (RecoveryFailure failure) {
                    throw toTemporal(failure);
                }
            }
        };
    }

    @Override
    public WorkflowInboundCallsInterceptor interceptWorkflow(WorkflowInboundCallsInterceptor next) {
        return new WorkflowInboundCallsInterceptorBase(next) {
            @Override
            public WorkflowOutput execute(WorkflowInput input) {
                try {
                    return super.execute(input);
                } catch (RecoveryFailure failure) {
                    throw toTemporal(failure);
                }
            }

            @Override
            public void validateUpdate(UpdateInput input) {
                try {
                    super.validateUpdate(input);
                } catch (RecoveryFailure failure) {
                    throw refusal(failure);
                }
            }

            @Override
            public UpdateOutput executeUpdate(UpdateInput input) {
                try {
                    return super.executeUpdate(input);
                } catch (RecoveryFailure failure) {
                    throw toTemporal(failure);
                }
            }
        };
    }
}
