package dev.lifeboat.activities.store;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Data as it is. */
public record PlainObjects(ObjectStore store) implements DataObjects {

    @Override
    public String keyFor(String plainKey) {
        return plainKey;
    }

    @Override
    public Upload upload(String key) {
        return store.upload(key);
    }

    @Override
    public InputStream read(String key, @Nullable String sha256) {
        InputStream stored = store.read(key);
        return sha256 == null ? stored : new Checked(stored, sha256, store.addressOf(key));
    }

    /** Fails where the stream ends with another digest than was noted. */
    private static final class Checked extends FilterInputStream {

        private final DigestInputStream digesting;
        private final String expected;
        private final String address;

        Checked(InputStream stored, String expected, String address) {
            this(new DigestInputStream(stored, sha256()), expected, address);
        }

        private Checked(DigestInputStream digesting, String expected, String address) {
            super(digesting);
            this.digesting = digesting;
            this.expected = expected;
            this.address = address;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            if (read < 0) {
                check();
            }
            return read;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int read = super.read(into, from, length);
            if (read < 0) {
                check();
            }
            return read;
        }

        private void check() {
            String found = HexFormat.of().formatHex(digesting.getMessageDigest().digest());
            digesting.on(false);
            if (!found.equals(expected)) {
                throw new RecoveryFailure(
                        FailureCode.BACKUP_DAMAGED,
                        "%s is damaged: its SHA-256 is %s, and its manifest says %s"
                                .formatted(address, found, expected),
                        "take another backup; 'lifeboat backups' lists them");
            }
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }
    }
}
