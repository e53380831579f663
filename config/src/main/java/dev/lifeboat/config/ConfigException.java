package dev.lifeboat.config;

/** The configuration cannot be used: a sentence with the two facts that disagree, and what to change. */
public class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String hint;

    public ConfigException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    public String hint() {
        return hint;
    }
}
