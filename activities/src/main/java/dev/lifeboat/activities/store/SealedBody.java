package dev.lifeboat.activities.store;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/**
 * What follows the header: AES-256-GCM in segments of 16 KiB as Tink's streaming encryption defines it, with the name of the
 * object as associated data, and 16 bytes that say that this is the end. Without them the object was cut off; they are not
 * what keeps anybody from cutting, which the last segment does.
 */
final class SealedBody {

    static final byte[] END = "LIFEBOAT ENC END".getBytes(StandardCharsets.US_ASCII);

    private static final int KEY = 32;
    private static final int SEGMENT = 16 << 10;

    private SealedBody() {}

    /** Closing it writes the last segment and closes {@code target}; {@link #END} is the caller's to write. */
    static OutputStream encrypting(OutputStream target, byte[] objectKey, String name) throws IOException {
        try {
            return cipher(objectKey).newEncryptingStream(target, name(name));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-256-GCM", e);
        }
    }

    /** @param stored from behind the header, without {@link #END} */
    static InputStream decrypting(InputStream stored, byte[] objectKey, String name) throws IOException {
        try {
            return cipher(objectKey).newDecryptingStream(stored, name(name));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-256-GCM", e);
        }
    }

    static RecoveryFailure truncated(String address, long bytes) {
        return new RecoveryFailure(
                FailureCode.OBJECT_TRUNCATED,
                "%s is truncated: it ends after %d bytes without the mark of its end".formatted(address, bytes),
                "if the bucket keeps versions, restore the object's earlier version; otherwise use another backup");
    }

    /** @param plain bytes that were given out before, each of them authenticated */
    static RecoveryFailure altered(String address, long plain, IOException cause) {
        return new RecoveryFailure(
                FailureCode.OBJECT_ALTERED,
                "cannot decrypt %s: the bytes behind plain byte %d are not those that were encrypted under this name"
                        .formatted(address, plain),
                "if the bucket keeps versions, restore the object's earlier version; otherwise use another backup",
                cause);
    }

    private static AesGcmHkdfStreaming cipher(byte[] objectKey) throws GeneralSecurityException {
        return new AesGcmHkdfStreaming(objectKey, "HmacSha256", KEY, SEGMENT, 0);
    }

    private static byte[] name(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }
}
