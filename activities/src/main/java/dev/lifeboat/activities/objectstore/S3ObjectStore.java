package dev.lifeboat.activities.objectstore;

import dev.lifeboat.activities.store.DataKeys;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.activities.store.StoredUpload;
import dev.lifeboat.config.LifeboatConfig.Bucket;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.ObjectVersion;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The bucket of {@code lifeboat.yaml}, on AWS or on a compatible store. */
public final class S3ObjectStore implements ObjectStore, AutoCloseable {

    private static final int CONFLICTS = 5;
    private static final int READINGS = 3;

    private final S3Client client;
    private final PartSender sender = new PartSender();
    private final StoreFailures failures;
    private final Pauses pauses;
    private final String bucket;
    private final String prefix;
    private final Optional<DataKeys> keys;

    /**
     * Reads the credentials, and contacts nobody.
     *
     * @param environment where {@code env:} references look
     * @throws dev.lifeboat.config.ConfigException when a credential cannot be read
     */
    public S3ObjectStore(Bucket bucket, Map<String, String> environment) {
        this(bucket, environment, StoreTraffic.UNMEASURED);
    }

    /**
     * The same.
     *
     * @param traffic is told of every call
     */
    public S3ObjectStore(Bucket bucket, Map<String, String> environment, StoreTraffic traffic) {
        this(bucket, environment, traffic, Pauses.USUAL);
    }

    S3ObjectStore(Bucket bucket, Map<String, String> environment, StoreTraffic traffic, Pauses pauses) {
        this.client = S3Clients.create(bucket, environment, traffic, pauses);
        this.pauses = pauses;
        this.keys = Optional.ofNullable(bucket.encryption()).map(configured -> new DataKeys(configured, environment));
        this.bucket = bucket.name();
        this.prefix = bucket.prefix().isEmpty() ? "" : bucket.prefix() + "/";
        String endpoint = bucket.endpoint();
        this.failures = new StoreFailures(bucket.name(), endpoint == null ? "AWS " + bucket.region() : endpoint);
    }

    @Override
    public void put(String key, byte[] content) {
        ask(
                "write",
                key,
                () -> client.putObject(
                        put -> put.bucket(bucket)
                                .key(full(key))
                                .contentType(ContentTypes.of(key))
                                .metadata(WrittenWith.metadata(content)),
                        S3Upload.body(content, content.length)));
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content) {
        for (int attempt = 1; ; attempt++) {
            try {
                client.putObject(
                        put -> put.bucket(bucket)
                                .key(full(key))
                                .contentType(ContentTypes.of(key))
                                .metadata(WrittenWith.metadata(content))
                                .ifNoneMatch("*"),
                        S3Upload.body(content, content.length));
                return true;
            } catch (SdkException e) {
                // A refusal may also show as a broken connection: some stores hang up on the body that they do not
                // want.
                boolean answered = e instanceof S3Exception;
                if (answered && !isConflict(e)) {
                    throw failures.translate("write " + addressOf(key), addressOf(key), e);
                }
                Optional<byte[]> there = readIfThere(key);
                if (there.isPresent()) {
                    return Arrays.equals(there.get(), content);
                }
                // 409: two writers at the same moment, and neither has won yet.
                if (!answered || attempt == CONFLICTS) {
                    throw failures.translate("write " + addressOf(key), addressOf(key), e);
                }
            }
        }
    }

    @Override
    public StoredUpload upload(String key) {
        return new S3Upload(client, sender, failures, bucket, full(key), key, addressOf(key));
    }

    @Override
    public InputStream read(String key) {
        return open(key);
    }

    private ResumingInputStream open(String key) {
        GetObjectRequest request =
                GetObjectRequest.builder().bucket(bucket).key(full(key)).build();
        return new ResumingInputStream(client, failures, pauses, request, addressOf(key));
    }

    @Override
    public List<Version> earlierVersions(String key) {
        String wanted = full(key);
        try {
            return client
                    .listObjectVersionsPaginator(list -> list.bucket(bucket).prefix(wanted))
                    .versions()
                    .stream()
                    .filter(version -> version.key().equals(wanted) && !Boolean.TRUE.equals(version.isLatest()))
                    .sorted(Comparator.comparing(ObjectVersion::lastModified).reversed())
                    .map(version -> new Version(version.versionId(), version.lastModified()))
                    .toList();
        } catch (SdkException e) {
            // A store that knows no versions says that it does not know the question.
            if (e instanceof S3Exception answer && (answer.statusCode() == 501 || answer.statusCode() == 405)) {
                return List.of();
            }
            throw failures.translate("list the versions of " + addressOf(key), addressOf(key), e);
        }
    }

    @Override
    public InputStream read(String key, Version version) {
        GetObjectRequest request = GetObjectRequest.builder()
                .bucket(bucket)
                .key(full(key))
                .versionId(version.id())
                .build();
        return new ResumingInputStream(client, failures, pauses, request, addressOf(key) + " version " + version.id());
    }

    /** Read again where the bytes are not those that were written: they may have been changed on their way only. */
    @Override
    public byte[] readAll(String key) {
        for (int reading = 1; ; reading++) {
            try (ResumingInputStream stream = open(key)) {
                byte[] content = stream.readAllBytes();
                String found = WrittenWith.digest(content);
                String written = stream.digest().orElse(found);
                if (found.equals(written)) {
                    return content;
                }
                if (reading == READINGS) {
                    throw failures.garbled(addressOf(key), written, found);
                }
            } catch (IOException e) {
                throw failures.translate("read " + addressOf(key), addressOf(key), e);
            }
        }
    }

    @Override
    public Optional<StoredObject> head(String key) {
        try {
            HeadObjectResponse answer =
                    client.headObject(head -> head.bucket(bucket).key(full(key)));
            return Optional.of(new StoredObject(key, answer.contentLength()));
        } catch (SdkException e) {
            if (e instanceof S3Exception answer && answer.statusCode() == 404) {
                requireBucket(key);
                return Optional.empty();
            }
            throw failures.translate("look for " + addressOf(key), addressOf(key), inWords(e));
        }
    }

    /** An answer to a HEAD has no text, so why the store refuses is asked for once more, with a question that has one. */
    private SdkException inWords(SdkException failure) {
        boolean refusal =
                failure instanceof S3Exception answer && answer.statusCode() >= 400 && answer.statusCode() <= 404;
        if (refusal) {
            try {
                client.listObjectsV2(list -> list.bucket(bucket).prefix(prefix).maxKeys(1));
            } catch (SdkException inWords) {
                return inWords;
            }
        }
        return failure;
    }

    @Override
    public List<StoredObject> list(String folder) {
        List<StoredObject> found = new ArrayList<>();
        for (ListObjectsV2Response page : pages(folder, null)) {
            page.contents()
                    .forEach(object ->
                            found.add(new StoredObject(object.key().substring(prefix.length()), object.size())));
        }
        found.sort(Comparator.comparing(StoredObject::key));
        return List.copyOf(found);
    }

    @Override
    public List<WrittenObject> listWritten(String folder) {
        return pages(folder, null).stream()
                .flatMap(page -> page.contents().stream())
                .map(object -> new WrittenObject(
                        object.key().substring(prefix.length()), object.size(), object.lastModified()))
                .sorted(Comparator.comparing(WrittenObject::key))
                .toList();
    }

    @Override
    public List<String> listFolders(String folder) {
        int begin = prefix.length() + folder.length();
        return pages(folder, "/").stream()
                .flatMap(page -> page.commonPrefixes().stream())
                .map(common -> common.prefix().substring(begin, common.prefix().length() - 1))
                .sorted()
                .toList();
    }

    @Override
    public void delete(String key) {
        ask(
                "delete",
                key,
                () -> client.deleteObject(delete -> delete.bucket(bucket).key(full(key))));
    }

    @Override
    public Deletion deleteAll(List<String> keys) {
        return new S3Deletion(client, failures, bucket, prefix, this::addressOf).delete(keys);
    }

    @Override
    public void discardUploads(String folder) {
        List<MultipartUpload> unfinished =
                ask(
                        "list uploads below", folder, () -> client
                                .listMultipartUploadsPaginator(
                                        list -> list.bucket(bucket).prefix(full(folder)))
                                .uploads()
                                .stream()
                                .toList());
        for (MultipartUpload upload : unfinished) {
            try {
                client.abortMultipartUpload(
                        abort -> abort.bucket(bucket).key(upload.key()).uploadId(upload.uploadId()));
            } catch (NoSuchUploadException e) {
                // It came to its own end in between.
            } catch (SdkException e) {
                throw failures.translate("discard an upload of " + addressOf(folder), addressOf(folder), e);
            }
        }
    }

    @Override
    public Optional<Instant> clock() {
        try {
            return S3Clients.dateOf(client.headBucket(head -> head.bucket(bucket)));
        } catch (SdkException e) {
            throw failures.translate("reach " + addressOf(""), addressOf(""), inWords(e));
        }
    }

    @Override
    public boolean rewriteHead(String key, int length, Function<byte[], Optional<byte[]>> change) {
        return new S3HeadRewrite(client, failures, bucket, full(key), addressOf(key)).run(length, change);
    }

    @Override
    public boolean change(String key, Function<byte[], Optional<byte[]>> change) {
        return new S3Change(client, failures, bucket, full(key), addressOf(key)).run(change);
    }

    @Override
    public Optional<DataKeys> encryption() {
        return keys;
    }

    @Override
    public String addressOf(String key) {
        return "s3://" + bucket + "/" + full(key);
    }

    @Override
    public void close() {
        sender.close();
        client.close();
    }

    private List<ListObjectsV2Response> pages(String folder, @Nullable String delimiter) {
        List<ListObjectsV2Response> pages = new ArrayList<>();
        String token = null;
        do {
            String from = token;
            ListObjectsV2Response page = ask(
                    "list",
                    folder,
                    () -> client.listObjectsV2(list -> list.bucket(bucket)
                            .prefix(full(folder))
                            .delimiter(delimiter)
                            .continuationToken(from)));
            pages.add(page);
            token = page.nextContinuationToken();
            if (Boolean.TRUE.equals(page.isTruncated()) && token == null) {
                throw failures.unreachable(
                        "list " + addressOf(folder),
                        "its list ended in the middle without saying how to go on",
                        "use a store that implements ListObjectsV2 with continuation tokens",
                        new IOException("truncated page without a token"));
            }
            if (!Boolean.TRUE.equals(page.isTruncated())) {
                token = null;
            }
        } while (token != null);
        return pages;
    }

    /** A 404 to a HEAD has no text, so it does not say whether the object or the whole bucket is missing. */
    private void requireBucket(String key) {
        try {
            client.headBucket(head -> head.bucket(bucket));
        } catch (SdkException e) {
            if (!(e instanceof S3Exception answer && answer.statusCode() == 403)) {
                throw failures.translate("look for " + addressOf(key), addressOf(key), inWords(e));
            }
        }
    }

    private Optional<byte[]> readIfThere(String key) {
        try {
            return Optional.of(readAll(key));
        } catch (RecoveryFailure e) {
            if (e.code() == FailureCode.OBJECT_MISSING) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private <T> T ask(String verb, String key, Supplier<T> question) {
        try {
            return question.get();
        } catch (SdkException e) {
            throw failures.translate(verb + " " + addressOf(key), addressOf(key), e);
        }
    }

    private String full(String key) {
        return prefix + key;
    }

    private static boolean isConflict(SdkException failure) {
        return failure instanceof S3Exception answer && (answer.statusCode() == 412 || answer.statusCode() == 409);
    }
}
