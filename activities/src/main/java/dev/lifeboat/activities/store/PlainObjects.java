package dev.lifeboat.activities.store;

import dev.lifeboat.activities.store.ObjectStore.Version;
import dev.lifeboat.activities.store.Upload.Uploaded;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Data as it is. */
public record PlainObjects(ObjectStore store) implements DataObjects {

    private static final int BUFFER = 256 << 10;

    @Override
    public String keyFor(String plainKey) {
        return plainKey;
    }

    @Override
    public Upload upload(String key) {
        requirePlain(key);
        return store.upload(key);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content, String fingerprint) {
        requirePlain(key);
        return store.putIfAbsent(key, content);
    }

    @Override
    public Optional<String> fingerprint(String key) {
        return Optional.empty();
    }

    @Override
    public StoredData open(String key) {
        return digesting(refusing(key, store.read(key)), store.addressOf(key));
    }

    @Override
    public StoredData open(String key, Version version) {
        return digesting(refusing(key, store.read(key, version)), store.addressOf(key) + " version " + version.id());
    }

    /** Of an encrypted one the header is passed over, and nothing but the digest can be compared. */
    @Override
    public Uploaded readBack(String key, LongConsumer read) {
        return StoredBytes.readBack(store, key, read);
    }

    @Override
    public void requireReadable(String key) {
        if (DataObjects.isEncrypted(key)) {
            throw noKeys(key);
        }
    }

    /** Bytes as they are, digested while they pass. */
    public static StoredData digesting(InputStream stored, String address) {
        DigestInputStream digested =
                new DigestInputStream(new BufferedInputStream(stored, BUFFER), StoredBytes.sha256());
        return new Digesting(digested, address);
    }

    private void requirePlain(String key) {
        if (DataObjects.isEncrypted(key)) {
            throw noKeys(key);
        }
    }

    /** What is not there is missing before it is encrypted. */
    private InputStream refusing(String key, InputStream stored) {
        if (!DataObjects.isEncrypted(key)) {
            return stored;
        }
        try {
            stored.close();
        } catch (IOException e) {
            // What follows says more.
        }
        throw noKeys(key);
    }

    private RecoveryFailure noKeys(String key) {
        return new RecoveryFailure(
                FailureCode.IDENTITY_MISSING,
                "cannot decrypt %s: it is encrypted, and lifeboat.yaml of this worker has no bucket.encryption"
                        .formatted(store.addressOf(key)),
                "name the private key in bucket.encryption.identity, start the worker again, then 'lifeboat retry' or start again");
    }

    private static final class Digesting extends StoredData {

        private final DigestInputStream in;
        private final String address;
        private final byte[] one = new byte[1];
        private boolean ended;
        private String sha256 = "";

        Digesting(DigestInputStream in, String address) {
            this.in = in;
            this.address = address;
        }

        @Override
        public int read() throws IOException {
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            return in.read(into, from, length);
        }

        @Override
        public int available() throws IOException {
            return in.available();
        }

        @Override
        public String address() {
            return address;
        }

        @Override
        public String sha256() throws IOException {
            if (!ended) {
                byte[] rest = new byte[BUFFER];
                while (in.read(rest) >= 0) {
                    // Only whole does it have a digest.
                }
                MessageDigest digest = in.getMessageDigest();
                in.on(false);
                sha256 = HexFormat.of().formatHex(digest.digest());
                ended = true;
            }
            return sha256;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
