package dev.lifeboat.workflows.domain;

/** Something could not be done: a code, a sentence with the two facts that disagree, and the next command. */
public class RecoveryFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final FailureCode code;
    private final String hint;

    public RecoveryFailure(FailureCode code, String message, String hint) {
        super(message);
        this.code = code;
        this.hint = hint;
    }

    public RecoveryFailure(FailureCode code, String message, String hint, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.hint = hint;
    }

    public FailureCode code() {
        return code;
    }

    /** The next command or place to look, without the word "hint". */
    public String hint() {
        return hint;
    }
}
