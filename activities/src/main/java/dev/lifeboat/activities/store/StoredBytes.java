package dev.lifeboat.activities.store;

import dev.lifeboat.activities.store.Upload.Uploaded;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/** What a manifest notes of an object of data, from its stored bytes alone. */
final class StoredBytes {

    private static final int BUFFER = 256 << 10;

    private StoredBytes() {}

    static Uploaded readBack(ObjectStore store, String key, LongConsumer read) {
        MessageDigest digest = sha256();
        long size = 0;
        long skipped = DataObjects.isEncrypted(key) ? SealedHeader.BYTES : 0;
        try (InputStream stored = store.read(key)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = stored.read(buffer); count >= 0; count = stored.read(buffer)) {
                int head = (int) Math.max(0, Math.min(count, skipped - size));
                digest.update(buffer, head, count - head);
                size += count;
                read.accept(count);
            }
        } catch (IOException e) {
            throw failed(store.addressOf(key), e);
        }
        return new Uploaded(key, size, HexFormat.of().formatHex(digest.digest()));
    }

    static RecoveryFailure failed(String address, IOException e) {
        return new RecoveryFailure(
                FailureCode.IO_FAILED,
                "cannot read %s: %s".formatted(address, e.getMessage()),
                "it is tried again; 'lifeboat doctor' looks at the store",
                e);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
