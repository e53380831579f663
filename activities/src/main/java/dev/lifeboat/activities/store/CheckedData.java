package dev.lifeboat.activities.store;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.FilterInputStream;
import java.io.IOException;

/** Fails where the stored bytes end with another digest than was noted. */
final class CheckedData extends FilterInputStream {

    private final StoredData data;
    private final String expected;

    CheckedData(StoredData data, String expected) {
        super(data);
        this.data = data;
        this.expected = expected;
    }

    @Override
    public int read() throws IOException {
        return ended(super.read());
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        return ended(super.read(into, from, length));
    }

    private int ended(int read) throws IOException {
        if (read < 0) {
            String found = data.sha256();
            if (!found.equals(expected)) {
                throw new RecoveryFailure(
                        FailureCode.BACKUP_DAMAGED,
                        "%s is damaged: its SHA-256 is %s, and its manifest says %s"
                                .formatted(data.address(), found, expected),
                        "take another backup; 'lifeboat backups' lists them");
            }
        }
        return read;
    }
}
