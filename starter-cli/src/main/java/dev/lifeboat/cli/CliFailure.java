package dev.lifeboat.cli;

import dev.lifeboat.workflows.runbook.FailureTranslator;
import dev.lifeboat.workflows.runbook.inquiry.InquiryWorkflow.Refusal;
import java.util.List;

/** A command ends here: exit code, a sentence, and what to do next. */
final class CliFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ExitCode exit;
    private final String code;
    private final String hint;
    private final transient List<Refusal> refusals;

    CliFailure(ExitCode exit, String code, String message, String hint) {
        this(exit, code, message, hint, List.of());
    }

    private CliFailure(ExitCode exit, String code, String message, String hint, List<Refusal> refusals) {
        super(message);
        this.exit = exit;
        this.code = code;
        this.hint = hint;
        this.refusals = refusals;
    }

    static CliFailure usage(String message, String hint) {
        return new CliFailure(ExitCode.USAGE, "BAD_INPUT", message, hint);
    }

    static CliFailure notYet(String what) {
        return new CliFailure(
                ExitCode.USAGE,
                "NOT_AVAILABLE_YET",
                "'" + what + "' is not part of this version yet",
                "'lifeboat --help' lists what is");
    }

    /** A failure as a worker told it. */
    static CliFailure of(FailureTranslator.Read read) {
        return new CliFailure(ExitCode.of(read.code()), read.code().name(), read.message(), read.hint());
    }

    /** A plan that was refused, with every reason; the first speaks for them in one line. */
    static CliFailure refused(List<Refusal> refusals) {
        Refusal first = refusals.get(0);
        ExitCode exit =
                refusals.stream().anyMatch(refusal -> ExitCode.of(Failures.code(refusal.code())) == ExitCode.USAGE)
                        ? ExitCode.USAGE
                        : ExitCode.NOT_READY;
        return new CliFailure(exit, first.code(), first.message(), first.hint(), List.copyOf(refusals));
    }

    ExitCode exit() {
        return exit;
    }

    String code() {
        return code;
    }

    String hint() {
        return hint;
    }

    List<Refusal> refusals() {
        return refusals;
    }
}
