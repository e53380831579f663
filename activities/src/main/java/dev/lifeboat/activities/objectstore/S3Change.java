package dev.lifeboat.activities.objectstore;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Writes one small object anew, in place of the very one that was read (If-Match). */
final class S3Change {

    private static final int TRIES = 5;

    private final S3Client client;
    private final StoreFailures failures;
    private final String bucket;
    private final String key;
    private final String address;

    S3Change(S3Client client, StoreFailures failures, String bucket, String key, String address) {
        this.client = client;
        this.failures = failures;
        this.bucket = bucket;
        this.key = key;
        this.address = address;
    }

    /** @return false when there is no such object */
    boolean run(Function<byte[], Optional<byte[]>> change) {
        for (int attempt = 1; ; attempt++) {
            try {
                ResponseBytes<GetObjectResponse> found =
                        client.getObjectAsBytes(get -> get.bucket(bucket).key(key));
                byte[] before = found.asByteArray();
                requireAsWritten(found.response(), before);
                Optional<byte[]> after = change.apply(before);
                if (after.isPresent()) {
                    write(after.get(), found.response().eTag());
                }
                return true;
            } catch (SdkException e) {
                if (StoreFailures.isMissing(e)) {
                    return false;
                }
                if (!isChanged(e)) {
                    throw failures.translate("change " + address, address, e);
                }
                if (attempt == TRIES) {
                    throw new RecoveryFailure(
                            FailureCode.OBJECT_CHANGED,
                            "cannot change %s: it was replaced %d times meanwhile".formatted(address, TRIES),
                            "somebody else writes there; it is tried again",
                            e);
                }
            }
        }
    }

    /** What was garbled on its way must not be written back as if it were true. */
    private void requireAsWritten(GetObjectResponse answer, byte[] content) {
        String found = WrittenWith.digest(content);
        String written = WrittenWith.digestOf(answer.metadata()).orElse(found);
        if (!found.equals(written)) {
            throw failures.garbled(address, written, found);
        }
    }

    private void write(byte[] content, String tag) {
        client.putObject(
                put -> put.bucket(bucket)
                        .key(key)
                        .contentType(ContentTypes.of(key))
                        .metadata(WrittenWith.metadata(content))
                        .ifMatch(tag),
                S3Upload.body(content, content.length));
    }

    private static boolean isChanged(SdkException failure) {
        return failure instanceof S3Exception answer && (answer.statusCode() == 412 || answer.statusCode() == 409);
    }
}
