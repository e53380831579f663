package dev.lifeboat.cli;

import dev.lifeboat.workflows.domain.FailureCode;

/** What a command tells the shell. The numbers are promises. */
enum ExitCode {
    DONE(0),
    FAILED(1),
    USAGE(2),
    NOT_VERIFIED(3),
    STILL_RUNNING(6),
    HELD(7),
    NOT_READY(8),
    UNREACHABLE(10);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static ExitCode of(FailureCode code) {
        if (code == FailureCode.LEASE_HELD) {
            return HELD;
        }
        if (code == FailureCode.NO_WORKER) {
            return UNREACHABLE;
        }
        return switch (code.kind()) {
            case INPUT -> USAGE;
            case NOT_READY -> NOT_READY;
            case SAFETY_STOP, ENVIRONMENT -> FAILED;
        };
    }
}
