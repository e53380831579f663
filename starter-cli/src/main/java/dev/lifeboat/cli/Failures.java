package dev.lifeboat.cli;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.runbook.FailureTranslator;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Arrays;
import java.util.Optional;

/** Turns whatever was thrown into a sentence with a hint. */
final class Failures {

    private Failures() {}

    /** @param temporal how to name Temporal, with its address where that is known */
    static CliFailure explain(Throwable thrown, String temporal) {
        if (thrown instanceof CliFailure own) {
            return own;
        }
        if (thrown instanceof ConfigException config) {
            return new CliFailure(ExitCode.USAGE, config.code(), String.valueOf(config.getMessage()), config.hint());
        }
        if (thrown instanceof RecoveryFailure failure) {
            return CliFailure.of(FailureTranslator.read(failure));
        }
        Optional<Status> status = status(thrown);
        if (status.isPresent()) {
            return unreachable(status.get(), temporal);
        }
        return new CliFailure(
                ExitCode.FAILED,
                "UNEXPECTED_ERROR",
                "something happened that nobody foresaw: " + thrown,
                "run the command again with LIFEBOAT_DEBUG=1 to see where");
    }

    /** Whether Temporal was away, or too slow to answer. */
    static boolean isUnreachable(Throwable thrown) {
        return thrown instanceof CliFailure failure
                ? failure.exit() == ExitCode.UNREACHABLE
                : status(thrown).map(Failures::isAway).orElse(false);
    }

    /**
     * Whether a run that was seen a moment ago may be seen again: a server that starts says many things, among them that
     * it knows no namespace.
     */
    static boolean mayPass(Throwable thrown) {
        return isUnreachable(thrown)
                || status(thrown)
                        .map(Status::getCode)
                        .filter(Failures::isNoRefusal)
                        .isPresent();
    }

    private static boolean isNoRefusal(Status.Code code) {
        return code != Status.Code.UNAUTHENTICATED && code != Status.Code.PERMISSION_DENIED;
    }

    static Optional<Status> status(Throwable thrown) {
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            if (at instanceof StatusRuntimeException grpc) {
                return Optional.of(grpc.getStatus());
            }
        }
        return Optional.empty();
    }

    static FailureCode code(String name) {
        return Arrays.stream(FailureCode.values())
                .filter(code -> code.name().equals(name))
                .findFirst()
                .orElse(FailureCode.UNEXPECTED_ERROR);
    }

    private static boolean isAway(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, RESOURCE_EXHAUSTED -> true;
            default -> false;
        };
    }

    /** {@code : Connection refused}, or what was wrong with a certificate: "io exception" alone helps nobody. */
    private static String reason(Status status) {
        Throwable root = status.getCause();
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return root == null || root.getMessage() == null ? "" : ": " + root.getMessage();
    }

    private static CliFailure unreachable(Status status, String temporal) {
        String description = (status.getDescription() == null ? "" : ": " + status.getDescription()) + reason(status);
        return switch (status.getCode()) {
            case UNAUTHENTICATED, PERMISSION_DENIED ->
                new CliFailure(
                        ExitCode.UNREACHABLE,
                        "TEMPORAL_REFUSED",
                        temporal + " refuses this user" + description,
                        "check temporal.api-key and temporal.tls in the configuration");
            case NOT_FOUND ->
                new CliFailure(
                        ExitCode.UNREACHABLE,
                        "TEMPORAL_NAMESPACE",
                        temporal + " does not know what was asked for" + description,
                        "check temporal.namespace in the configuration");
            default ->
                new CliFailure(
                        ExitCode.UNREACHABLE,
                        "TEMPORAL_UNREACHABLE",
                        temporal + " cannot be reached (" + status.getCode() + description + ")",
                        "check temporal.address in the configuration and that Temporal runs; runs that are open go on"
                                + " by themselves when it is back");
        };
    }
}
