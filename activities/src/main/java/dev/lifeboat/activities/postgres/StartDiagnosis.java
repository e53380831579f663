package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.file.Path;

/** Tells from what a server said why it did not start, and what its owner can do about it. */
final class StartDiagnosis {

    private StartDiagnosis() {}

    /**
     * @param said the words of the start command and the end of the server's log
     * @param user as whom it runs
     */
    static RecoveryFailure of(Path dataDirectory, String said, String user, Path log) {
        String cannot = "cannot start the server in %s: %s".formatted(dataDirectory, said.strip());
        if (said.contains("has wrong ownership")) {
            return new RecoveryFailure(
                    FailureCode.DATA_DIRECTORY_UNUSABLE,
                    cannot,
                    "it must belong to %s: 'chown -R %s: %s', then 'lifeboat retry'"
                            .formatted(user, user, dataDirectory));
        }
        if (said.contains("has invalid permissions")) {
            return new RecoveryFailure(
                    FailureCode.DATA_DIRECTORY_UNUSABLE,
                    cannot,
                    "nobody but its owner may enter it: 'chmod 0700 %s', then 'lifeboat retry'"
                            .formatted(dataDirectory));
        }
        if (said.contains("Address already in use")) {
            return new RecoveryFailure(
                    FailureCode.PORT_TAKEN,
                    cannot,
                    "find who holds that port ('ss -ltnp') and end it, then 'lifeboat retry'; the server's log is "
                            + log);
        }
        if (said.contains("No space left on device")) {
            return new RecoveryFailure(
                    FailureCode.TOO_LITTLE_SPACE,
                    cannot,
                    "free space on that file system, then 'lifeboat retry'; the server's log is " + log);
        }
        return new RecoveryFailure(
                FailureCode.SERVER_DID_NOT_START, cannot, "read its log (%s), then 'lifeboat retry'".formatted(log));
    }
}
