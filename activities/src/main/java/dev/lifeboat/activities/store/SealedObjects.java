package dev.lifeboat.activities.store;

import dev.lifeboat.activities.store.ObjectStore.Version;
import dev.lifeboat.activities.store.Upload.Uploaded;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.config.PublicKey;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Data that nobody reads without a private key. Objects whose names say that they are plain are read as they are. */
final class SealedObjects implements DataObjects {

    private static final int SPARE = 8 << 10;

    private final ObjectStore store;
    private final DataKeys keys;
    private final PlainObjects plain;

    SealedObjects(ObjectStore store, DataKeys keys) {
        this.store = store;
        this.keys = keys;
        this.plain = new PlainObjects(store);
    }

    @Override
    public String keyFor(String plainKey) {
        return keys.encrypts() ? plainKey + ENCRYPTED : plainKey;
    }

    @Override
    public Upload upload(String key) {
        if (!DataObjects.isEncrypted(key)) {
            return plain.upload(key);
        }
        byte[] objectKey = KeyWrap.freshKey();
        return SealedUpload.begin(
                store.upload(key), SealedHeader.write(key, null, objectKey, recipients(key)), objectKey, key);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content, String fingerprint) {
        if (!DataObjects.isEncrypted(key)) {
            return plain.putIfAbsent(key, content, fingerprint);
        }
        byte[] objectKey = KeyWrap.freshKey();
        ByteArrayOutputStream sealed = new ByteArrayOutputStream(SealedHeader.BYTES + content.length + SPARE);
        try {
            sealed.write(SealedHeader.write(key, fingerprint, objectKey, recipients(key)));
            try (OutputStream out = SealedBody.encrypting(sealed, objectKey, key)) {
                out.write(content);
            }
            sealed.write(SealedBody.END);
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail to be written", e);
        }
        return store.putIfAbsent(key, sealed.toByteArray());
    }

    @Override
    public Optional<String> fingerprint(String key) {
        if (!DataObjects.isEncrypted(key)) {
            return Optional.empty();
        }
        SealedHeader header = header(key);
        header.requireName(key);
        return header.fingerprint();
    }

    @Override
    public StoredData open(String key) {
        return DataObjects.isEncrypted(key) ? open(key, store.read(key), store.addressOf(key)) : plain.open(key);
    }

    @Override
    public StoredData open(String key, Version version) {
        return DataObjects.isEncrypted(key)
                ? open(key, store.read(key, version), store.addressOf(key) + " version " + version.id())
                : plain.open(key, version);
    }

    @Override
    public Uploaded readBack(String key, LongConsumer read) {
        if (!DataObjects.isEncrypted(key)) {
            return plain.readBack(key, read);
        }
        header(key).requireName(key);
        if (keys.identity().isEmpty()) {
            return StoredBytes.readBack(store, key, read);
        }
        return decryptAll(key, read);
    }

    @Override
    public void requireReadable(String key) {
        if (DataObjects.isEncrypted(key)) {
            SealedHeader header = header(key);
            header.objectKey(identity(key));
            header.requireName(key);
        }
    }

    private Uploaded decryptAll(String key, LongConsumer read) {
        long size = store.head(key)
                .map(ObjectStore.StoredObject::size)
                .orElseThrow(() -> new RecoveryFailure(
                        FailureCode.OBJECT_MISSING,
                        "cannot find %s: it was removed meanwhile".formatted(store.addressOf(key)),
                        "'lifeboat backups' lists what the bucket holds"));
        try (StoredData data = open(key)) {
            byte[] buffer = new byte[SPARE << 3];
            for (int count = data.read(buffer); count >= 0; count = data.read(buffer)) {
                read.accept(count);
            }
            return new Uploaded(key, size, data.sha256());
        } catch (IOException e) {
            throw StoredBytes.failed(store.addressOf(key), e);
        }
    }

    private StoredData open(String key, InputStream stored, String address) {
        boolean opened = false;
        try {
            SealedHeader header = SealedHeader.parse(stored.readNBytes(SealedHeader.BYTES), address);
            byte[] objectKey = header.objectKey(identity(key));
            header.requireName(key);
            StoredData data = new SealedInput(stored, objectKey, key, address);
            opened = true;
            return data;
        } catch (IOException e) {
            throw StoredBytes.failed(address, e);
        } finally {
            if (!opened) {
                close(stored);
            }
        }
    }

    private SealedHeader header(String key) {
        String address = store.addressOf(key);
        try (InputStream stored = store.read(key)) {
            return SealedHeader.parse(stored.readNBytes(SealedHeader.BYTES), address);
        } catch (IOException e) {
            throw StoredBytes.failed(address, e);
        }
    }

    private List<PublicKey> recipients(String key) {
        List<PublicKey> recipients = keys.recipients();
        if (recipients.isEmpty()) {
            throw new RecoveryFailure(
                    FailureCode.KEY_FILE_UNUSABLE,
                    "cannot encrypt %s: bucket.encryption.recipients is empty".formatted(store.addressOf(key)),
                    "name the .pub file of a key there; 'lifeboat keys generate --out PREFIX' makes one");
        }
        return recipients;
    }

    private PrivateKey identity(String key) {
        return keys.identity()
                .orElseThrow(
                        () -> new RecoveryFailure(
                                FailureCode.IDENTITY_MISSING,
                                "cannot decrypt %s: this worker has only public keys, with which it backs up and reads nothing"
                                        .formatted(store.addressOf(key)),
                                "name the private key in bucket.encryption.identity, start the worker again, then 'lifeboat retry' or start again"));
    }

    private static void close(InputStream stored) {
        try {
            stored.close();
        } catch (IOException e) {
            // What made it useless is on its way already.
        }
    }
}
