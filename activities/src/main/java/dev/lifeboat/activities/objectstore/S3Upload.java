package dev.lifeboat.activities.objectstore;

import dev.lifeboat.activities.store.StoredUpload;
import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What fits into one part is put at once; anything longer becomes a multipart upload as it grows. */
final class S3Upload extends StoredUpload {

    private static final Logger log = LoggerFactory.getLogger(S3Upload.class);
    private static final int FIRST_BUFFER = 256 * 1024;
    private static final int PART = 16 * 1024 * 1024;
    private static final int LARGE_PART = 64 * 1024 * 1024;
    /** S3 takes 10,000 parts; who has sent this many is writing something huge. */
    private static final int PARTS_BEFORE_LARGE = 1000;

    private static final String MARK = "lifeboat-upload";

    private final S3Client client;
    private final PartSender sender;
    private final StoreFailures failures;
    private final String bucket;
    private final String key;
    private final String relativeKey;
    private final String address;
    private final String mark = UUID.randomUUID().toString();
    private final MessageDigest digest = sha256();
    private final List<CompletableFuture<CompletedPart>> parts = new ArrayList<>();

    private byte[] buffer = new byte[FIRST_BUFFER];
    private int filled;
    private long size;
    private @Nullable String uploadId;
    private boolean finished;

    S3Upload(
            S3Client client,
            PartSender sender,
            StoreFailures failures,
            String bucket,
            String key,
            String relativeKey,
            String address) {
        this.client = client;
        this.sender = sender;
        this.failures = failures;
        this.bucket = bucket;
        this.key = key;
        this.relativeKey = relativeKey;
        this.address = address;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (finished) {
            throw new IllegalStateException("the upload of " + address + " has ended already");
        }
        digest.update(bytes, offset, length);
        size += length;
        int done = 0;
        while (done < length) {
            if (filled == partSize()) {
                sendPart();
            }
            int count = Math.min(length - done, partSize() - filled);
            makeRoomFor(count);
            System.arraycopy(bytes, offset + done, buffer, filled, count);
            filled += count;
            done += count;
        }
    }

    @Override
    public void beginDigest() {
        digest.reset();
    }

    @Override
    public Uploaded complete() {
        if (finished) {
            throw new IllegalStateException("the upload of " + address + " has ended already");
        }
        try {
            if (uploadId == null) {
                client.putObject(
                        put -> put.bucket(bucket).key(key).contentType(ContentTypes.of(key)), body(buffer, filled));
            } else {
                sendPart();
                assemble(uploadId);
            }
        } catch (SdkException e) {
            throw failures.translate("write " + address, address, e);
        }
        finished = true;
        buffer = new byte[0];
        return new Uploaded(relativeKey, size, HexFormat.of().formatHex(digest.digest()));
    }

    @Override
    public void close() {
        if (finished) {
            return;
        }
        finished = true;
        buffer = new byte[0];
        if (uploadId == null) {
            return;
        }
        // A part that arrives after the abort would stay in the bucket, unseen and paid for.
        parts.forEach(part -> part.exceptionally(failed -> null).join());
        try {
            client.abortMultipartUpload(
                    abort -> abort.bucket(bucket).key(key).uploadId(uploadId).build());
        } catch (SdkException e) {
            log.warn(
                    "could not abort the upload of {}, its parts stay until the bucket's lifecycle removes them: {}",
                    address,
                    e.toString());
        }
    }

    private void sendPart() {
        String id = uploadId == null ? begin() : uploadId;
        uploadId = id;
        failIfAPartFailed();
        byte[] content = buffer;
        int length = filled;
        int number = parts.size() + 1;
        parts.add(sender.send(() -> putPart(id, number, content, length), failures, address));
        buffer = new byte[partSize()];
        filled = 0;
    }

    private String begin() {
        try {
            return client.createMultipartUpload(create -> create.bucket(bucket)
                            .key(key)
                            .contentType(ContentTypes.of(key))
                            .metadata(Map.of(MARK, mark)))
                    .uploadId();
        } catch (SdkException e) {
            throw failures.translate("write " + address, address, e);
        }
    }

    private CompletedPart putPart(String id, int number, byte[] content, int length) {
        String tag = client.uploadPart(
                        part -> part.bucket(bucket).key(key).uploadId(id).partNumber(number), body(content, length))
                .eTag();
        return CompletedPart.builder().partNumber(number).eTag(tag).build();
    }

    private void failIfAPartFailed() {
        for (CompletableFuture<CompletedPart> part : parts) {
            if (part.isCompletedExceptionally()) {
                await(part);
            }
        }
    }

    private CompletedPart await(CompletableFuture<CompletedPart> part) {
        try {
            return part.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw failures.translate("write " + address, address, cause);
        }
    }

    private void assemble(String id) {
        List<CompletedPart> sent = parts.stream().map(this::await).toList();
        try {
            client.completeMultipartUpload(
                    complete -> complete.bucket(bucket).key(key).uploadId(id).multipartUpload(all -> all.parts(sent)));
        } catch (S3Exception e) {
            // When the answer to the first attempt was lost, the second finds no upload, but the object with our mark.
            if (!"NoSuchUpload".equals(StoreFailures.errorCode(e)) || !isOurs()) {
                throw e;
            }
        }
    }

    private boolean isOurs() {
        return mark.equals(client.headObject(head -> head.bucket(bucket).key(key))
                .metadata()
                .get(MARK));
    }

    private int partSize() {
        return parts.size() < PARTS_BEFORE_LARGE ? PART : LARGE_PART;
    }

    private void makeRoomFor(int count) {
        if (filled + count > buffer.length) {
            int wanted = Math.max(filled + count, buffer.length * 2);
            buffer = Arrays.copyOf(buffer, Math.min(wanted, partSize()));
        }
    }

    /** The bytes themselves, not a copy of them: nobody changes them afterwards. */
    static RequestBody body(byte[] content, int length) {
        return RequestBody.fromContentProvider(
                () -> new ByteArrayInputStream(content, 0, length), length, "application/octet-stream");
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
