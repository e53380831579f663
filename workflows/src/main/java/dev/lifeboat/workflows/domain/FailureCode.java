package dev.lifeboat.workflows.domain;

/** The situation, not the component. Its kind decides whether a machine may try again. */
public enum FailureCode {
    UNKNOWN_CLUSTER(Kind.INPUT),
    BAD_INPUT(Kind.INPUT),
    NOT_AVAILABLE_YET(Kind.INPUT),
    NOT_WAITING(Kind.INPUT),
    SKIP_NOT_ALLOWED(Kind.INPUT),
    PAST_NO_RETURN(Kind.INPUT),
    DECLINED(Kind.INPUT),
    ABORTED(Kind.INPUT),

    NO_BASE_BACKUP(Kind.NOT_READY),
    NO_BASE_BACKUP_BEFORE_TARGET(Kind.NOT_READY),
    UNKNOWN_BACKUP(Kind.NOT_READY),
    UNKNOWN_TIMELINE(Kind.NOT_READY),
    UNKNOWN_RESTORE_POINT(Kind.NOT_READY),
    UNKNOWN_XID(Kind.NOT_READY),
    AMBIGUOUS_TIMELINE(Kind.NOT_READY),
    AMBIGUOUS_TIME(Kind.NOT_READY),
    TARGET_BEYOND_WAL(Kind.NOT_READY),
    TARGET_BEFORE_BACKUP(Kind.NOT_READY),
    WAL_GAP(Kind.NOT_READY),
    TABLESPACE_CREATED(Kind.NOT_READY),
    SWAP_IMPOSSIBLE(Kind.NOT_READY),
    DIRECTORY_NOT_EMPTY(Kind.NOT_READY),
    PORT_TAKEN(Kind.NOT_READY),
    WRONG_HOST(Kind.NOT_READY),
    TOO_LITTLE_SPACE(Kind.NOT_READY),
    CLUSTER_NOT_READY(Kind.NOT_READY),
    MISSING_BINARY(Kind.NOT_READY),
    CREDENTIALS_EXPIRED(Kind.NOT_READY),
    CREDENTIALS_REFUSED(Kind.NOT_READY),
    CLOCK_SKEWED(Kind.NOT_READY),
    BUCKET_UNUSABLE(Kind.NOT_READY),
    KEY_FILE_UNUSABLE(Kind.NOT_READY),
    IDENTITY_MISSING(Kind.NOT_READY),
    WRONG_KEY(Kind.NOT_READY),
    TOOK_TOO_LONG(Kind.NOT_READY),

    LEASE_HELD(Kind.SAFETY_STOP),
    FENCED_OUT(Kind.SAFETY_STOP),
    WRONG_SYSTEM_ID(Kind.SAFETY_STOP),
    WAL_CONTENT_DIFFERS(Kind.SAFETY_STOP),
    BACKUP_DAMAGED(Kind.SAFETY_STOP),
    WAL_DAMAGED(Kind.SAFETY_STOP),
    HEADER_ALTERED(Kind.SAFETY_STOP),
    OBJECT_ALTERED(Kind.SAFETY_STOP),
    OBJECT_TRUNCATED(Kind.SAFETY_STOP),
    OBJECT_SWAPPED(Kind.SAFETY_STOP),
    PAGES_DAMAGED(Kind.SAFETY_STOP),
    RECOVERY_POINT_WRONG(Kind.SAFETY_STOP),
    SMOKE_TEST_FAILED(Kind.SAFETY_STOP),
    SESSIONS_REMAIN(Kind.SAFETY_STOP),
    COPY_POINTS_AT_LIVE(Kind.SAFETY_STOP),
    SERVER_STILL_RUNNING(Kind.SAFETY_STOP),
    DATA_DIRECTORY_UNUSABLE(Kind.SAFETY_STOP),
    CONFIGURATION_BROKEN(Kind.SAFETY_STOP),
    LOGIN_REFUSED(Kind.SAFETY_STOP),
    UNEXPECTED_STATE(Kind.SAFETY_STOP),
    PAYLOAD_TOO_LARGE(Kind.SAFETY_STOP),
    UNDO_FAILED(Kind.SAFETY_STOP),

    OBJECT_STORE_UNREACHABLE(Kind.ENVIRONMENT),
    OBJECT_MISSING(Kind.ENVIRONMENT),
    OBJECT_CHANGED(Kind.ENVIRONMENT),
    DATABASE_UNREACHABLE(Kind.ENVIRONMENT),
    WAL_NOT_ARCHIVED_YET(Kind.ENVIRONMENT),
    SERVER_DID_NOT_START(Kind.ENVIRONMENT),
    SERVER_DIED_IN_REPLAY(Kind.ENVIRONMENT),
    COMMAND_FAILED(Kind.ENVIRONMENT),
    TABLE_LOCKED(Kind.ENVIRONMENT),
    BUSY_WITH_OTHER_ATTEMPT(Kind.ENVIRONMENT),
    IO_FAILED(Kind.ENVIRONMENT),
    NO_WORKER(Kind.ENVIRONMENT),
    WORKER_LOST(Kind.ENVIRONMENT),
    UNEXPECTED_ERROR(Kind.ENVIRONMENT);

    /** Why a step could not be done, as far as trying again is concerned. */
    public enum Kind {
        /** What was typed is wrong: exit 2. */
        INPUT,
        /** The facts do not allow it now: exit 8. */
        NOT_READY,
        /** Going on could destroy something: a human looks first. */
        SAFETY_STOP,
        /** The world was away for a moment: tried again by machine. */
        ENVIRONMENT
    }

    private final Kind kind;

    FailureCode(Kind kind) {
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    public boolean isRetriedByMachine() {
        return kind == Kind.ENVIRONMENT;
    }
}
