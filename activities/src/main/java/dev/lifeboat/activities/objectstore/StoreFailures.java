package dev.lifeboat.activities.objectstore;

import dev.lifeboat.workflows.contract.evidence.ReportWords;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Turns what the SDK throws into one of three answers: the store said that an object is not there; it refused, which only
 * a person can change; or it could not be found out, which is tried again. Only {@code NoSuchKey} is the first: a missing
 * bucket is a refusal, and a proxy's 404 page is nothing that a store said.
 *
 * @param bucket   its name
 * @param endpoint for people
 */
record StoreFailures(String bucket, String endpoint, Clock clock) {

    private static final String TRIED_AGAIN = "the step is tried again by itself; 'lifeboat doctor' looks at the store";
    private static final String THEN_RETRY = ", then answer 'lifeboat retry' or start again";

    private static final String RENEW =
            "renew them where bucket.access-key and bucket.secret-key point to (a file: is read anew by itself; after a change of env:, or of what AWS's default chain finds, start the worker again)";
    private static final String SET_CLOCK =
            "set the clock of this host right ('timedatectl' shows it, NTP keeps it); 'lifeboat doctor' says how far it is off";
    private static final String CHECK_KEYS =
            "check bucket.access-key and bucket.secret-key, and what they may do ('lifeboat doctor' tries each of it)";
    private static final String OTHER_SECRET =
            "check that bucket.secret-key belongs to bucket.access-key; bytes that are changed on their way to the store look the same";
    private static final String ELSEWHERE_HINT =
            "the bucket is in another region or at another address: correct bucket.region and bucket.endpoint, start the worker again";
    private static final String MAY_NOT_DELETE =
            "give these keys the permission to delete (s3:DeleteObject) what lies below the prefix of bucket.url, or let somebody who has it call 'lifeboat expire --yes'";
    private static final String TOO_OLD =
            "Lifeboat needs a store that knows conditional writes (If-None-Match: *); use a newer one";

    private static final Set<String> EXPIRED = Set.of("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired");
    private static final Set<String> SKEWED =
            Set.of("RequestTimeTooSkewed", "RequestInTheFuture", "RequestExpired", "RequestNotValidYet");
    private static final Set<String> ELSEWHERE =
            Set.of("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException");
    /** What is answered with 400 to keys that are no good, beside all that is answered with 401 and 403. */
    private static final Set<String> REFUSED = Set.of("InvalidToken", "InvalidAccessKeyId", "InvalidSecurity");

    /** How stores say that a rule of the bucket, and not what these keys may do, keeps an object. */
    private static final Pattern RULE = Pattern.compile(
            "object.?lock|retention|legal.?hold|\\bworm\\b|immutab|is protected|compliance mode",
            Pattern.CASE_INSENSITIVE);

    StoreFailures(String bucket, String endpoint) {
        this(bucket, endpoint, Clock.systemUTC());
    }

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
        return switch (refusal(answer)) {
            case CREDENTIALS_EXPIRED ->
                failure(
                        FailureCode.CREDENTIALS_EXPIRED,
                        what,
                        said + ": the credentials of this worker have expired",
                        RENEW + THEN_RETRY,
                        answer);
            case CLOCK_SKEWED ->
                failure(FailureCode.CLOCK_SKEWED, what, said + skew(answer), SET_CLOCK + THEN_RETRY, answer);
            case CREDENTIALS_REFUSED ->
                failure(
                        FailureCode.CREDENTIALS_REFUSED,
                        what,
                        said,
                        (code.equals("SignatureDoesNotMatch") ? OTHER_SECRET : CHECK_KEYS) + THEN_RETRY,
                        answer);
            case BUCKET_UNUSABLE ->
                failure(
                        FailureCode.BUCKET_UNUSABLE,
                        what,
                        said,
                        answer.statusCode() == 501 ? TOO_OLD : ELSEWHERE_HINT + THEN_RETRY,
                        answer);
            default -> unreachable(what, said, TRIED_AGAIN, answer);
        };
    }

    /** What only a person can change; OBJECT_STORE_UNREACHABLE for what may pass by itself. */
    private static FailureCode refusal(S3Exception answer) {
        String code = errorCode(answer);
        int status = answer.statusCode();
        if (EXPIRED.contains(code)) {
            return FailureCode.CREDENTIALS_EXPIRED;
        }
        if (SKEWED.contains(code)) {
            return FailureCode.CLOCK_SKEWED;
        }
        if (status == 301 || status == 501 || ELSEWHERE.contains(code)) {
            return FailureCode.BUCKET_UNUSABLE;
        }
        // Without a code it was not the store that spoke: a proxy in between may think otherwise in a moment.
        boolean refused = (status == 401 || status == 403) && !code.isEmpty();
        return refused || REFUSED.contains(code)
                ? FailureCode.CREDENTIALS_REFUSED
                : FailureCode.OBJECT_STORE_UNREACHABLE;
    }

    /** The same of a deletion, where a refusal is most often a permission that was never given. */
    RecoveryFailure deletion(String what, String address, Throwable failure) {
        RecoveryFailure told = translate(what, address, failure);
        boolean denied =
                failure instanceof S3Exception answer && errorCode(answer).equals("AccessDenied");
        return denied
                ? new RecoveryFailure(
                        told.code(), told.getMessage() + ": these keys may not delete", MAY_NOT_DELETE, failure)
                : told;
    }

    /**
     * Why the bucket keeps an object that it was told to delete: an object lock, a retention time, a legal hold. Empty when
     * it was refused for another reason, or not refused.
     */
    static Optional<String> keptByTheBucket(Throwable failure) {
        if (!(failure instanceof S3Exception answer) || answer.statusCode() >= 500) {
            return Optional.empty();
        }
        AwsErrorDetails details = answer.awsErrorDetails();
        String message = details == null || details.errorMessage() == null ? "" : details.errorMessage();
        String code = errorCode(answer);
        return RULE.matcher(code + " " + message).find()
                ? Optional.of(message.isBlank() ? code : code + ": " + message)
                : Optional.empty();
    }

    /** What a store says of one key of many, as it would have said it of that key alone. */
    static S3Exception answer(String code, String message) {
        int status =
                switch (code) {
                    case "NoSuchKey" -> 404;
                    case "InternalError" -> 500;
                    case "SlowDown", "ServiceUnavailable" -> 503;
                    case "InvalidRequest", "ExpiredToken" -> 400;
                    default -> 403;
                };
        return (S3Exception) S3Exception.builder()
                .statusCode(status)
                .message(message)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(message)
                        .build())
                .build();
    }

    RecoveryFailure missing(String address, @Nullable Throwable cause) {
        String message = "cannot find %s: the store at %s has no such object".formatted(address, endpoint);
        String hint = "'lifeboat backups' lists what the bucket holds";
        return cause == null
                ? new RecoveryFailure(FailureCode.OBJECT_MISSING, message, hint)
                : new RecoveryFailure(FailureCode.OBJECT_MISSING, message, hint, cause);
    }

    RecoveryFailure noSuchBucket(String what, Throwable cause) {
        return failure(
                FailureCode.BUCKET_UNUSABLE,
                what,
                "it is up but has no bucket '" + bucket + "'",
                "create the bucket, or correct bucket.url in lifeboat.yaml" + THEN_RETRY,
                cause);
    }

    RecoveryFailure unreachable(String what, String said, String hint, Throwable cause) {
        return failure(FailureCode.OBJECT_STORE_UNREACHABLE, what, said, hint, cause);
    }

    /** @param found SHA-256 of what was read, as often as it was read */
    RecoveryFailure garbled(String address, String written, String found) {
        return new RecoveryFailure(
                FailureCode.UNEXPECTED_STATE,
                "cannot trust %s: it was written with SHA-256 %s, and the store at %s gives bytes with %s"
                        .formatted(address, written, endpoint, found),
                "what stands between this worker and the store may change bytes; otherwise the object is damaged: if the bucket keeps versions, restore its earlier version");
    }

    RecoveryFailure interrupted(String what, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return unreachable(what, "the wait was interrupted", TRIED_AGAIN, cause);
    }

    private RecoveryFailure failure(FailureCode code, String what, String said, String hint, Throwable cause) {
        return new RecoveryFailure(
                code, "cannot %s: asked the store at %s, and %s".formatted(what, endpoint, said), hint, cause);
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

    /** The two clocks, as far as they are known. */
    private String skew(S3Exception answer) {
        Instant here = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Optional<Instant> there = S3Clients.dateOf(answer);
        return there.map(time -> ": this host's clock says %s, the store's %s (%s apart)"
                        .formatted(
                                here,
                                time,
                                ReportWords.count(
                                        Duration.between(here, time).abs().toMinutes(), "minute", "minutes")))
                .orElse(": this host's clock says %s, and the store's something else".formatted(here));
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
