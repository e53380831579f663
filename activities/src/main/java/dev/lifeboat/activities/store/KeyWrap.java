package dev.lifeboat.activities.store;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.HybridEncrypt;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.Key;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.hybrid.HpkeParameters;
import com.google.crypto.tink.hybrid.HpkePrivateKey;
import com.google.crypto.tink.hybrid.HpkePublicKey;
import com.google.crypto.tink.hybrid.HybridConfig;
import com.google.crypto.tink.util.Bytes;
import com.google.crypto.tink.util.SecretBytes;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.config.PublicKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;

/** Wraps the key of an object for one recipient: HPKE, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
@AccessesPartialKey
final class KeyWrap {

    static final int OBJECT_KEY = 32;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final HpkeParameters SUITE;

    static {
        try {
            HybridConfig.register();
            SUITE = HpkeParameters.builder()
                    .setVariant(HpkeParameters.Variant.NO_PREFIX)
                    .setKemId(HpkeParameters.KemId.DHKEM_X25519_HKDF_SHA256)
                    .setKdfId(HpkeParameters.KdfId.HKDF_SHA256)
                    .setAeadId(HpkeParameters.AeadId.AES_256_GCM)
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Tink has HPKE", e);
        }
    }

    private KeyWrap() {}

    static byte[] freshKey() {
        byte[] key = new byte[OBJECT_KEY];
        RANDOM.nextBytes(key);
        return key;
    }

    /** @param name of the object: what is wrapped for one opens no other */
    static byte[] wrap(PublicKey recipient, byte[] objectKey, String name) {
        try {
            return handle(publicKey(recipient))
                    .getPrimitive(RegistryConfiguration.get(), HybridEncrypt.class)
                    .encrypt(objectKey, info(name));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a public key that was checked is refused", e);
        }
    }

    /** @throws GeneralSecurityException when it was not wrapped for this identity and this name */
    static byte[] unwrap(PrivateKey identity, byte[] wrapped, String name) throws GeneralSecurityException {
        HpkePrivateKey key = HpkePrivateKey.create(
                publicKey(identity.publicKey()), SecretBytes.copyFrom(identity.bytes(), InsecureSecretKeyAccess.get()));
        return handle(key)
                .getPrimitive(RegistryConfiguration.get(), HybridDecrypt.class)
                .decrypt(wrapped, info(name));
    }

    private static HpkePublicKey publicKey(PublicKey key) throws GeneralSecurityException {
        return HpkePublicKey.create(SUITE, Bytes.copyFrom(key.bytes()), null);
    }

    private static KeysetHandle handle(Key key) throws GeneralSecurityException {
        return KeysetHandle.newBuilder()
                .addEntry(KeysetHandle.importKey(key).withFixedId(1).makePrimary())
                .build();
    }

    private static byte[] info(String name) {
        return ("lifeboat object key 1\n" + name).getBytes(StandardCharsets.UTF_8);
    }
}
