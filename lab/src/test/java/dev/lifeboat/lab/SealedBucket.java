package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.objectstore.S3ObjectStore;
import dev.lifeboat.activities.store.DataObjects;
import dev.lifeboat.config.ConfigReader;
import dev.lifeboat.config.LifeboatConfig.Bucket;
import dev.lifeboat.config.LifeboatConfig.Encryption;
import dev.lifeboat.config.PrivateKey;
import dev.lifeboat.config.SecretRef;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** What is encrypted in the bucket of a lab, and who can open it. Keys go by the name of their files in the lab's secrets. */
final class SealedBucket {

    static final int HEADER = 4096;

    private final Lab lab;

    SealedBucket(Lab lab) {
        this.lab = lab;
    }

    Path privateKey(String name) {
        return lab.privateKey().resolveSibling(name + ".key");
    }

    String id(String name) {
        return PrivateKey.resolve(secret(name), Map.of()).publicKey().id();
    }

    List<String> keys() {
        try (S3Client client = lab.s3().client()) {
            return client.listObjectsV2Paginator(list -> list.bucket(Lab.BUCKET)).contents().stream()
                    .map(S3Object::key)
                    .toList();
        }
    }

    /** As it is stored; there is something of every kind. */
    Map<String, byte[]> sealed() {
        Map<String, byte[]> found = new TreeMap<>();
        try (S3Client client = lab.s3().client()) {
            for (String key : keys()) {
                if (key.endsWith(".enc")) {
                    found.put(
                            key,
                            client.getObjectAsBytes(
                                            get -> get.bucket(Lab.BUCKET).key(key))
                                    .asByteArray());
                }
            }
        }
        assertThat(found.keySet())
                .anyMatch(key -> key.contains("/chunks/"))
                .anyMatch(key -> key.startsWith("postgres/wal/"))
                .anyMatch(key -> key.endsWith(".dump.zst.enc"))
                .anyMatch(key -> key.endsWith(".globals.sql.zst.enc"));
        return found;
    }

    /** Those of the objects whose header names the key with this id. */
    List<String> namedIn(Set<String> objects, String id) {
        List<String> named = new ArrayList<>();
        sealed().forEach((key, stored) -> {
            String header = new String(stored, 0, HEADER, StandardCharsets.ISO_8859_1);
            if (objects.contains(key) && header.contains('"' + id + '"')) {
                named.add(key);
            }
        });
        return named;
    }

    void assertOpenedBy(Set<String> objects, String name) throws IOException {
        try (S3ObjectStore store = seenWith(name)) {
            for (String key : objects) {
                try (InputStream plain = DataObjects.of(store).read(key, null)) {
                    assertThat(plain.transferTo(OutputStream.nullOutputStream()))
                            .as(key)
                            .isPositive();
                }
            }
        }
    }

    void assertRefusedTo(Set<String> objects, String name, String idOfTheirs) {
        try (S3ObjectStore store = seenWith(name)) {
            for (String key : objects) {
                assertThatThrownBy(() -> DataObjects.of(store).read(key, null))
                        .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                                .isEqualTo(FailureCode.WRONG_KEY))
                        .hasMessageContaining(key)
                        .hasMessageContaining("encrypted for " + idOfTheirs + ",");
            }
        }
    }

    /** The bucket, as a worker with this private key sees it. */
    private S3ObjectStore seenWith(String name) {
        Bucket bucket = ConfigReader.read(lab.config()).bucket();
        return new S3ObjectStore(
                new Bucket(
                        bucket.name(),
                        bucket.prefix(),
                        bucket.endpoint(),
                        bucket.region(),
                        bucket.accessKey(),
                        bucket.secretKey(),
                        new Encryption(List.of(), secret(name))),
                Map.of());
    }

    private SecretRef secret(String name) {
        return new SecretRef("file:" + privateKey(name), lab.folder());
    }
}
