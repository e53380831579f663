package dev.lifeboat.activities.objectstore;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * One object from its first byte to its last. Where the connection breaks, the rest is asked for with a range, of the
 * very object that was begun (If-Match). It never ends early: the last byte that it gives is the last byte there is.
 */
final class ResumingInputStream extends InputStream {

    private static final Logger log = LoggerFactory.getLogger(ResumingInputStream.class);
    private static final int BREAKS_WITHOUT_PROGRESS = 5;

    private final S3Client client;
    private final StoreFailures failures;
    private final Pauses pauses;
    private final GetObjectRequest request;
    private final String address;
    private final String entityTag;
    private final Optional<String> digest;
    private final long length;

    private @Nullable ResponseInputStream<GetObjectResponse> connection;
    private long position;
    private int breaks;
    private boolean closed;

    ResumingInputStream(
            S3Client client, StoreFailures failures, Pauses pauses, GetObjectRequest request, String address) {
        this.client = client;
        this.failures = failures;
        this.pauses = pauses;
        this.request = request;
        this.address = address;
        try {
            ResponseInputStream<GetObjectResponse> first = client.getObject(request);
            Long announced = first.response().contentLength();
            if (announced == null) {
                first.abort();
                throw failures.unreachable(
                        "read " + address,
                        "it did not say how long the object is",
                        "use a store that sends Content-Length; a proxy in between may take it away",
                        new IOException("no Content-Length"));
            }
            this.entityTag = first.response().eTag();
            this.digest = WrittenWith.digestOf(first.response().metadata());
            this.length = announced;
            this.connection = first;
        } catch (SdkException e) {
            throw failures.translate("read " + address, address, e);
        }
    }

    /** SHA-256 of the whole object as its writer gave it; empty where it was written without. */
    Optional<String> digest() {
        return digest;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int wanted) {
        if (wanted == 0) {
            return 0;
        }
        if (closed) {
            throw new IllegalStateException("the stream of " + address + " is closed");
        }
        while (position < length) {
            try {
                ResponseInputStream<GetObjectResponse> open = connection();
                int count = open.read(target, offset, (int) Math.min(wanted, length - position));
                if (count < 0) {
                    throw new IOException("the answer ended at byte %d of %d".formatted(position, length));
                }
                position += count;
                breaks = count > 0 ? 0 : breaks;
                return count;
            } catch (IOException | SdkException e) {
                pauseAfter(e);
            }
        }
        return -1;
    }

    @Override
    public int available() throws IOException {
        return connection == null ? 0 : connection.available();
    }

    @Override
    public void close() {
        closed = true;
        drop();
    }

    private ResponseInputStream<GetObjectResponse> connection() {
        if (connection == null) {
            connection = client.getObject(request.toBuilder()
                    .range("bytes=" + position + "-")
                    .ifMatch(entityTag)
                    .build());
            String range = connection.response().contentRange();
            if (range == null || !range.startsWith("bytes " + position + "-") || !range.endsWith("/" + length)) {
                drop();
                throw failures.unreachable(
                        "read the rest of " + address,
                        "it answered the request for bytes from %d with %s".formatted(position, range),
                        "use a store that honours ranges",
                        new IOException("unexpected Content-Range"));
            }
        }
        return connection;
    }

    private void pauseAfter(Exception failure) {
        drop();
        if (failure instanceof S3Exception answer && answer.statusCode() == 412) {
            throw new RecoveryFailure(
                    FailureCode.OBJECT_CHANGED,
                    "cannot go on reading %s: it was replaced after %d of %d bytes had been read"
                            .formatted(address, position, length),
                    "the step is tried again from the beginning of the object",
                    failure);
        }
        RecoveryFailure translated = failures.translate("read " + address, address, failure);
        if (translated.code() != FailureCode.OBJECT_STORE_UNREACHABLE
                || ++breaks > BREAKS_WITHOUT_PROGRESS
                || Thread.currentThread().isInterrupted()) {
            throw translated;
        }
        log.info(
                "reading {} broke at byte {} of {}, going on there: {}", address, position, length, failure.toString());
        LockSupport.parkNanos(pauses.afterBreak(breaks).toNanos());
    }

    private void drop() {
        if (connection == null) {
            return;
        }
        // Closing reads the rest of the answer so that the connection can be used again; with bytes left, that is
        // waste.
        if (position == length) {
            try {
                connection.close();
            } catch (IOException e) {
                connection.abort();
            }
        } else {
            connection.abort();
        }
        connection = null;
    }
}
