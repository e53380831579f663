package dev.lifeboat.activities.objectstore;

import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Turns what the SDK throws into one of two answers: the store said that an object is not there, or it could not be
 * found out. Only {@code NoSuchKey} is the first; a missing bucket, a refusal or a proxy's 404 page is the second.
 *
 * @param bucket   its name
 * @param endpoint for people
 */
record StoreFailures(String bucket, String endpoint) {

    private static final String TRIED_AGAIN = "the step is tried again by itself; 'lifeboat doctor' looks at the store";

    /** @param what for example {@code read s3://bucket/key} */
    RecoveryFailure translate(String what, String address, Throwable failure) {
        if (failure instanceof RecoveryFailure already) {
            return already;
        }
        if (failure instanceof S3Exception answer) {
            return translateAnswer(what, address, answer);
        }
        return unreachable(what, "it did not answer (" + reason(failure) + ")", TRIED_AGAIN, failure);
    }

    private RecoveryFailure translateAnswer(String what, String address, S3Exception answer) {
        String code = errorCode(answer);
        if (isMissing(answer)) {
            return missing(address, answer);
        }
        if (answer.statusCode() == 404 && "NoSuchBucket".equals(code)) {
            return noSuchBucket(what, answer);
        }
        String said = "it answered " + answer.statusCode() + (code.isEmpty() ? "" : " " + code);
        return switch (answer.statusCode()) {
            case 301, 307 ->
                unreachable(
                        what,
                        said,
                        "the bucket is in another region or at another address: check bucket.region and bucket.endpoint",
                        answer);
            case 401, 403 ->
                unreachable(
                        what,
                        said,
                        "check bucket.access-key and bucket.secret-key, what they may do, and the clock of this host",
                        answer);
            case 501 ->
                unreachable(
                        what,
                        said,
                        "Lifeboat needs a store that knows conditional writes (If-None-Match: *); use a newer one",
                        answer);
            default -> unreachable(what, said, TRIED_AGAIN, answer);
        };
    }

    RecoveryFailure missing(String address, @Nullable Throwable cause) {
        String message = "cannot find %s: the store at %s has no such object".formatted(address, endpoint);
        String hint = "'lifeboat backups' lists what the bucket holds";
        return cause == null
                ? new RecoveryFailure(FailureCode.OBJECT_MISSING, message, hint)
                : new RecoveryFailure(FailureCode.OBJECT_MISSING, message, hint, cause);
    }

    RecoveryFailure noSuchBucket(String what, Throwable cause) {
        return unreachable(
                what,
                "it is up but has no bucket '" + bucket + "'",
                "create the bucket, or correct bucket.url in lifeboat.yaml",
                cause);
    }

    RecoveryFailure unreachable(String what, String said, String hint, Throwable cause) {
        return new RecoveryFailure(
                FailureCode.OBJECT_STORE_UNREACHABLE,
                "cannot %s: asked the store at %s, and %s".formatted(what, endpoint, said),
                hint,
                cause);
    }

    RecoveryFailure interrupted(String what, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return unreachable(what, "the wait was interrupted", TRIED_AGAIN, cause);
    }

    static boolean isMissing(Throwable failure) {
        return failure instanceof S3Exception answer
                && answer.statusCode() == 404
                && "NoSuchKey".equals(errorCode(answer));
    }

    static String errorCode(S3Exception answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        return details == null || details.errorCode() == null ? "" : details.errorCode();
    }

    private static String reason(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null && deepest.getCause() != deepest) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return message == null ? deepest.getClass().getSimpleName() : message;
    }
}
