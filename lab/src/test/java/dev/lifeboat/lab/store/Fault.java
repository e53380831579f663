package dev.lifeboat.lab.store;

/** What can become of one request on its way to a store and back. */
public enum Fault {
    INTERNAL_ERROR("500", 500, "InternalError"),
    UNAVAILABLE("503", 503, "ServiceUnavailable"),
    SLOW_DOWN("503 SlowDown", 503, "SlowDown"),
    TOO_MANY("429", 429, "RequestLimitExceeded"),
    CUT("cut body"),
    GARBLED("wrong bytes"),
    TRICKLE("1 MiB/s"),
    LATE("5 s late"),
    EXPIRED("ExpiredToken", 400, "ExpiredToken"),
    UNKNOWN_KEY("InvalidAccessKeyId", 403, "InvalidAccessKeyId"),
    SKEWED("RequestTimeTooSkewed", 403, "RequestTimeTooSkewed");

    private final String title;
    private final int status;
    private final String code;

    Fault(String title) {
        this(title, 0, "");
    }

    Fault(String title, int status, String code) {
        this.title = title;
        this.status = status;
        this.code = code;
    }

    /** For the head of a column. */
    public String title() {
        return title;
    }

    /** What is answered in the store's place; 0 when the store itself is asked. */
    int status() {
        return status;
    }

    String code() {
        return code;
    }

    /** It costs time and nothing else. */
    public boolean isSlowness() {
        return this == TRICKLE || this == LATE;
    }

    /** It is said by the store about us, and stays true until a person does something. */
    public boolean isRefusal() {
        return status == 400 || status == 403;
    }
}
