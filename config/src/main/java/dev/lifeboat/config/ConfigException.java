package dev.lifeboat.config;

/** The configuration cannot be used: a sentence with the two facts that disagree, and what to change. */
public class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    static final String BAD = "BAD_CONFIGURATION";
    static final String ABSENT = "NO_CONFIGURATION";
    static final String NOT_AVAILABLE_YET = "NOT_AVAILABLE_YET";

    private final String code;
    private final String hint;

    public ConfigException(String message, String hint) {
        this(BAD, message, hint);
    }

    ConfigException(String code, String message, String hint) {
        super(message);
        this.code = code;
        this.hint = hint;
    }

    /** {@code BAD_CONFIGURATION}, or {@code NOT_AVAILABLE_YET} when everything wrong with it is a key of a later version. */
    public String code() {
        return code;
    }

    /** Nobody named a configuration, and none was found. */
    public boolean isAbsent() {
        return code.equals(ABSENT);
    }

    public String hint() {
        return hint;
    }
}
