package dev.lifeboat.lab;

import dev.lifeboat.lab.engine.S3Engine;
import java.util.function.Predicate;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** One object of the bucket, damaged and mended behind Lifeboat's back. */
final class StoredObject {

    private final S3Engine store;
    private final String key;
    private final byte[] content;

    private StoredObject(S3Engine store, String key, byte[] content) {
        this.store = store;
        this.key = key;
        this.content = content;
    }

    static StoredObject find(S3Engine store, Predicate<String> key) {
        try (S3Client client = store.client()) {
            String found = client.listObjectsV2Paginator(list -> list.bucket(Lab.BUCKET)).contents().stream()
                    .map(S3Object::key)
                    .filter(key)
                    .findFirst()
                    .orElseThrow();
            return new StoredObject(
                    store,
                    found,
                    client.getObjectAsBytes(get -> get.bucket(Lab.BUCKET).key(found))
                            .asByteArray());
        }
    }

    static StoredObject segment(S3Engine store, String name) {
        return find(store, key -> key.endsWith("/" + name + ".zst"));
    }

    String key() {
        return key;
    }

    void delete() {
        try (S3Client client = store.client()) {
            client.deleteObject(delete -> delete.bucket(Lab.BUCKET).key(key));
        }
        store.forgetVersions(Lab.BUCKET, key);
    }

    /** Puts other content in its place, and leaves the earlier one where the bucket keeps it. */
    void replace(byte[] bytes) {
        put(bytes);
    }

    byte[] content() {
        return content.clone();
    }

    void flipBit(int at) {
        byte[] damaged = content.clone();
        damaged[at] ^= 1;
        put(damaged);
        store.forgetVersions(Lab.BUCKET, key);
    }

    int size() {
        return content.length;
    }

    void mend() {
        put(content);
    }

    private void put(byte[] bytes) {
        try (S3Client client = store.client()) {
            client.putObject(put -> put.bucket(Lab.BUCKET).key(key), RequestBody.fromBytes(bytes));
        }
    }
}
