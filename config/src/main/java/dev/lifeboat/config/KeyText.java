package dev.lifeboat.config;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;

/** How keys stand in files, and the little arithmetic of X25519 that the JDK does not offer for raw bytes. */
final class KeyText {

    static final int BYTES = 32;

    private static final BigInteger BASE_POINT = BigInteger.valueOf(9);
    private static final int ID_BYTES = 8;

    private KeyText() {}

    static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new ConfigException(
                    "cannot read the public key %s: %s"
                            .formatted(file, Files.exists(file) ? e : "there is no such file"),
                    "'lifeboat keys generate --out PREFIX' makes a pair; bucket.encryption.recipients names the .pub files");
        }
    }

    /** @param where for the message, which never repeats what was found there */
    static byte[] decode(String mark, String text, String where) {
        String[] words = text.strip().split("\\s+");
        if (words.length == 3 && words[0].equals(mark) && words[1].equals("1")) {
            try {
                byte[] bytes = Base64.getDecoder().decode(words[2]);
                if (bytes.length == BYTES) {
                    return bytes;
                }
            } catch (IllegalArgumentException e) {
                // told below
            }
        }
        boolean other = words[0].equals(PublicKey.MARK) || words[0].equals(PrivateKey.MARK);
        throw new ConfigException(
                "cannot use %s: it holds %s"
                        .formatted(
                                where,
                                other && !words[0].equals(mark)
                                        ? "a "
                                                + words[0].substring("lifeboat-".length())
                                                        .replace('-', ' ')
                                        : "no " + mark + " of this version"),
                mark.equals(PublicKey.MARK)
                        ? "bucket.encryption.recipients names the .pub files that 'lifeboat keys generate' writes"
                        : "bucket.encryption.identity names the .key file that 'lifeboat keys generate' writes");
    }

    static String id(byte[] publicKey) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(publicKey);
            return HexFormat.of().formatHex(digest, 0, ID_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static byte[] publicOf(byte[] privateKey) {
        try {
            return agree(privateKey, BASE_POINT);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java since 11 has X25519", e);
        }
    }

    /** With one of the few points of small order everybody would know the secret. */
    static void requirePoint(byte[] publicKey, Path file) {
        byte[] bigEndian = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bigEndian[i] = publicKey[BYTES - 1 - i];
        }
        bigEndian[0] &= 0x7F;
        byte[] any = new byte[BYTES];
        any[0] = 8;
        try {
            agree(any, new BigInteger(1, bigEndian));
        } catch (InvalidKeyException e) {
            throw new ConfigException(
                    "cannot use %s: its public key is no point that keeps a secret".formatted(file),
                    "make a pair with 'lifeboat keys generate'");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java since 11 has X25519", e);
        }
    }

    private static byte[] agree(byte[] privateKey, BigInteger point) throws GeneralSecurityException {
        KeyFactory keys = KeyFactory.getInstance("X25519");
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, privateKey)));
        agreement.doPhase(keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, point)), true);
        return agreement.generateSecret();
    }
}
