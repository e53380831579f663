package dev.lifeboat.activities.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.crypto.tink.subtle.Hkdf;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.config.PublicKey;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The first 4096 bytes of an encrypted object, for ever that many: which object it is, and its key, wrapped for each
 * recipient. {@code docs/encryption.md} says where each byte lies.
 */
final class SealedHeader {

    static final int BYTES = 4096;
    static final String ALGORITHM = "AES256-GCM-HKDF-SHA256-16KiB";

    private static final byte[] MAGIC = "LIFEBOAT ENC 01\n".getBytes(StandardCharsets.US_ASCII);
    private static final int SUM = 32;
    private static final int TEXT_END = BYTES - 2 * SUM;
    private static final int FORMAT = 1;
    private static final byte[] MAC_KEY = "lifeboat header 1".getBytes(StandardCharsets.US_ASCII);
    private static final String RESTORE_VERSION =
            "if the bucket keeps versions, restore the object's earlier version; otherwise use another backup";

    private final byte[] bytes;
    private final Text text;
    private final String address;

    /** @param name the key of the object relative to the prefix of the bucket */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Text(int format, String name, String algorithm, @Nullable String fingerprint, List<Recipient> recipients) {}

    /** @param key id of the public key; {@code wrapped} is base64 */
    record Recipient(String key, String wrapped) {}

    private SealedHeader(byte[] bytes, Text text, String address) {
        this.bytes = bytes;
        this.text = text;
        this.address = address;
    }

    static byte[] write(String name, @Nullable String fingerprint, byte[] objectKey, List<PublicKey> recipients) {
        return write(
                name,
                fingerprint,
                objectKey,
                recipients.stream().map(key -> wrapped(key, objectKey, name)).toList());
    }

    private static Recipient wrapped(PublicKey recipient, byte[] objectKey, String name) {
        return new Recipient(
                recipient.id(), Base64.getEncoder().encodeToString(KeyWrap.wrap(recipient, objectKey, name)));
    }

    private static byte[] write(
            String name, @Nullable String fingerprint, byte[] objectKey, Collection<Recipient> wrapped) {
        byte[] json = Json.write(new Text(FORMAT, name, ALGORITHM, fingerprint, List.copyOf(wrapped)));
        if (MAGIC.length + json.length > TEXT_END) {
            throw new RecoveryFailure(
                    FailureCode.KEY_FILE_UNUSABLE,
                    "cannot encrypt %s for %d recipients: the header has room for fewer"
                            .formatted(name, wrapped.size()),
                    "name fewer in bucket.encryption.recipients; 12 always fit");
        }
        byte[] header = new byte[BYTES];
        Arrays.fill(header, 0, TEXT_END, (byte) '\n');
        System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
        System.arraycopy(json, 0, header, MAGIC.length, json.length);
        System.arraycopy(sum(header), 0, header, TEXT_END, SUM);
        System.arraycopy(mac(header, objectKey), 0, header, TEXT_END + SUM, SUM);
        return header;
    }

    /**
     * @param bytes the first of the object, up to {@link #BYTES}
     * @throws RecoveryFailure OBJECT_TRUNCATED, or HEADER_ALTERED as far as that shows without a key
     */
    static SealedHeader parse(byte[] bytes, String address) {
        if (bytes.length < BYTES) {
            throw new RecoveryFailure(
                    FailureCode.OBJECT_TRUNCATED,
                    "%s is truncated: it ends after %d bytes, within its header of %d"
                            .formatted(address, bytes.length, BYTES),
                    RESTORE_VERSION);
        }
        if (!Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw altered(address, "it does not begin as an encrypted object of Lifeboat does");
        }
        if (!MessageDigest.isEqual(sum(bytes), Arrays.copyOfRange(bytes, TEXT_END, TEXT_END + SUM))) {
            throw altered(address, "its header does not have the SHA-256 that stands in it");
        }
        Text text;
        try {
            text = Json.read(Arrays.copyOfRange(bytes, MAGIC.length, TEXT_END), Text.class, address);
        } catch (RecoveryFailure e) {
            throw altered(address, "its header cannot be understood");
        }
        if (text.format() != FORMAT || !ALGORITHM.equals(text.algorithm()) || text.recipients() == null) {
            throw altered(address, "its header says format %d and %s".formatted(text.format(), text.algorithm()));
        }
        return new SealedHeader(bytes, text, address);
    }

    Optional<String> fingerprint() {
        return Optional.ofNullable(text.fingerprint());
    }

    String recipients() {
        return text.recipients().stream().map(Recipient::key).collect(Collectors.joining(", "));
    }

    /** Whether exactly these can decrypt it. */
    boolean isFor(List<PublicKey> keys) {
        return ids().equals(keys.stream().map(PublicKey::id).collect(Collectors.toSet()));
    }

    /** Whether this one can decrypt it. */
    boolean isFor(PublicKey key) {
        return ids().contains(key.id());
    }

    private Set<String> ids() {
        return text.recipients().stream().map(Recipient::key).collect(Collectors.toSet());
    }

    /** @throws RecoveryFailure OBJECT_SWAPPED where this is the header of another object */
    void requireName(String key) {
        if (!key.equals(text.name())) {
            throw new RecoveryFailure(
                    FailureCode.OBJECT_SWAPPED,
                    "%s holds another object: its header says that it is %s".formatted(address, text.name()),
                    "somebody renamed or exchanged objects in the bucket; look who writes there, and "
                            + RESTORE_VERSION);
        }
    }

    /**
     * The key of this object, once the whole header is proved to be that with which it was written.
     *
     * @throws RecoveryFailure WRONG_KEY where it was not wrapped for this identity, HEADER_ALTERED
     */
    byte[] objectKey(PrivateKey identity) {
        String id = identity.publicKey().id();
        Recipient own = text.recipients().stream()
                .filter(recipient -> id.equals(recipient.key()))
                .findFirst()
                .orElseThrow(
                        () -> new RecoveryFailure(
                                FailureCode.WRONG_KEY,
                                "cannot decrypt %s: it was encrypted for %s, and the identity of this worker is %s"
                                        .formatted(address, recipients(), id),
                                "name the private key of one of these in bucket.encryption.identity ('lifeboat keys list' shows ids), then 'lifeboat retry'"));
        byte[] key = unwrap(own, identity);
        if (!MessageDigest.isEqual(mac(bytes, key), Arrays.copyOfRange(bytes, TEXT_END + SUM, BYTES))) {
            throw altered(address, "its header is not the one that was written with its key");
        }
        return key;
    }

    /** The same object for these recipients and no others: nothing but the header changes. */
    byte[] rewrapped(byte[] objectKey, List<PublicKey> recipients) {
        return write(text.name(), text.fingerprint(), objectKey, recipients);
    }

    /** The same object for one more. The others need not be known for that. */
    byte[] with(byte[] objectKey, PublicKey recipient) {
        List<Recipient> all = new ArrayList<>(text.recipients());
        all.add(wrapped(recipient, objectKey, text.name()));
        return write(text.name(), text.fingerprint(), objectKey, all);
    }

    private byte[] unwrap(Recipient own, PrivateKey identity) {
        try {
            byte[] key = KeyWrap.unwrap(identity, Base64.getDecoder().decode(own.wrapped()), text.name());
            if (key.length == KeyWrap.OBJECT_KEY) {
                return key;
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // told below
        }
        throw altered(address, "the key in its header cannot be unwrapped with the private key that it is for");
    }

    private static RecoveryFailure altered(String address, String how) {
        return new RecoveryFailure(
                FailureCode.HEADER_ALTERED, "cannot trust %s: %s".formatted(address, how), RESTORE_VERSION);
    }

    /** For who has no key to tell damage from a header that is for somebody else. */
    private static byte[] sum(byte[] header) {
        MessageDigest digest = StoredBytes.sha256();
        digest.update(header, 0, TEXT_END);
        return digest.digest();
    }

    private static byte[] mac(byte[] header, byte[] objectKey) {
        try {
            byte[] key = Hkdf.computeHkdf("HmacSha256", objectKey, new byte[0], MAC_KEY, SUM);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update(header, 0, TEXT_END + SUM);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC with SHA-256", e);
        }
    }
}
