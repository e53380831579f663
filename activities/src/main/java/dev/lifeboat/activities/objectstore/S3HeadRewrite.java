package dev.lifeboat.activities.objectstore;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Writes the beginning of one object anew. A small object is written whole; of a larger one the store copies all behind
 * the first part by itself. Either way it appears at once, in place of the very object that was read (If-Match).
 */
final class S3HeadRewrite {

    private static final int FIRST_PART = 5 << 20;
    private static final long COPIED_PART = 1L << 30;
    private static final int CHANGES = 3;

    private final S3Client client;
    private final StoreFailures failures;
    private final String bucket;
    private final String key;
    private final String address;

    S3HeadRewrite(S3Client client, StoreFailures failures, String bucket, String key, String address) {
        this.client = client;
        this.failures = failures;
        this.bucket = bucket;
        this.key = key;
        this.address = address;
    }

    /** @return false when there is no such object */
    boolean run(int length, Function<byte[], Optional<byte[]>> change) {
        for (int attempt = 1; ; attempt++) {
            try {
                Found found = find(length);
                Optional<byte[]> head = change.apply(found.head);
                if (head.isPresent()) {
                    write(found, head.get());
                }
                return true;
            } catch (SdkException e) {
                if (StoreFailures.isMissing(e)) {
                    return false;
                }
                if (!isChanged(e)) {
                    throw failures.translate("write the header of " + address, address, e);
                }
                if (attempt == CHANGES) {
                    throw new RecoveryFailure(
                            FailureCode.OBJECT_CHANGED,
                            "cannot write the header of %s: it was replaced %d times meanwhile"
                                    .formatted(address, CHANGES),
                            "somebody else writes there; it is tried again",
                            e);
                }
            }
        }
    }

    private record Found(byte[] head, String tag, long size) {}

    private Found find(int length) {
        try {
            ResponseBytes<GetObjectResponse> answer =
                    client.getObjectAsBytes(get -> get.bucket(bucket).key(key).range("bytes=0-" + (length - 1)));
            String range = answer.response().contentRange();
            byte[] head = answer.asByteArrayUnsafe();
            long size = range == null ? head.length : Long.parseLong(range.substring(range.indexOf('/') + 1));
            return new Found(head, answer.response().eTag(), size);
        } catch (S3Exception e) {
            if (e.statusCode() == 416) {
                return new Found(new byte[0], "", 0);
            }
            throw e;
        }
    }

    private void write(Found found, byte[] head) {
        if (found.size <= FIRST_PART) {
            byte[] whole = read(found, found.size);
            System.arraycopy(head, 0, whole, 0, head.length);
            client.putObject(
                    put -> put.bucket(bucket)
                            .key(key)
                            .contentType(ContentTypes.of(key))
                            .metadata(WrittenWith.metadata(whole))
                            .ifMatch(found.tag),
                    S3Upload.body(whole, whole.length));
            return;
        }
        byte[] first = read(found, FIRST_PART);
        System.arraycopy(head, 0, first, 0, head.length);
        String id = client.createMultipartUpload(
                        create -> create.bucket(bucket).key(key).contentType(ContentTypes.of(key)))
                .uploadId();
        boolean complete = false;
        try {
            List<CompletedPart> parts = parts(found, first, id);
            client.completeMultipartUpload(all -> all.bucket(bucket)
                    .key(key)
                    .uploadId(id)
                    .ifMatch(found.tag)
                    .multipartUpload(upload -> upload.parts(parts)));
            complete = true;
        } finally {
            if (!complete) {
                abort(id);
            }
        }
    }

    private List<CompletedPart> parts(Found found, byte[] first, String id) {
        List<CompletedPart> parts = new ArrayList<>();
        parts.add(part(
                1,
                client.uploadPart(
                                part -> part.bucket(bucket)
                                        .key(key)
                                        .uploadId(id)
                                        .partNumber(1),
                                S3Upload.body(first, first.length))
                        .eTag()));
        for (long from = FIRST_PART; from < found.size; from += COPIED_PART) {
            int number = parts.size() + 1;
            String range = "bytes=%d-%d".formatted(from, Math.min(from + COPIED_PART, found.size) - 1);
            parts.add(part(
                    number,
                    client.uploadPartCopy(copy -> copy.sourceBucket(bucket)
                                    .sourceKey(key)
                                    .copySourceRange(range)
                                    .copySourceIfMatch(found.tag)
                                    .destinationBucket(bucket)
                                    .destinationKey(key)
                                    .uploadId(id)
                                    .partNumber(number))
                            .copyPartResult()
                            .eTag()));
        }
        return parts;
    }

    private byte[] read(Found found, long length) {
        return client.getObjectAsBytes(get -> get.bucket(bucket)
                        .key(key)
                        .range("bytes=0-" + (length - 1))
                        .ifMatch(found.tag))
                .asByteArray();
    }

    private void abort(String id) {
        try {
            client.abortMultipartUpload(abort -> abort.bucket(bucket).key(key).uploadId(id));
        } catch (SdkException e) {
            // Its parts stay until the bucket's lifecycle removes them; the object is as it was.
        }
    }

    private static CompletedPart part(int number, String tag) {
        return CompletedPart.builder().partNumber(number).eTag(tag).build();
    }

    private static boolean isChanged(SdkException failure) {
        return failure instanceof S3Exception answer && (answer.statusCode() == 412 || answer.statusCode() == 409);
    }
}
