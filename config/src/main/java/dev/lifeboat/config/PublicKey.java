package dev.lifeboat.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;

/**
 * What backups are encrypted for. It decrypts nothing, so it may lie anywhere.
 *
 * @param base64 the 32 bytes of X25519
 */
public record PublicKey(String base64) {

    static final String MARK = "lifeboat-public-key";

    /** @throws ConfigException when the file cannot be read, or holds no public key */
    public static PublicKey read(Path file) {
        byte[] bytes = KeyText.decode(MARK, KeyText.read(file), file.toString());
        KeyText.requirePoint(bytes, file);
        return of(bytes);
    }

    /** @throws ConfigException when it is no base64 of a public key */
    public static PublicKey ofBase64(String base64) {
        byte[] bytes = KeyText.decode(MARK, MARK + " 1 " + base64, "this public key");
        return of(bytes);
    }

    static PublicKey of(byte[] bytes) {
        return new PublicKey(Base64.getEncoder().encodeToString(bytes));
    }

    public byte[] bytes() {
        return Base64.getDecoder().decode(base64);
    }

    /** How people and headers name it: the first 16 digits of its SHA-256. */
    public String id() {
        return KeyText.id(bytes());
    }

    byte[] text() {
        return (MARK + " 1 " + base64 + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return id();
    }
}
