package dev.lifeboat.activities.objectstore;

import dev.lifeboat.activities.store.ObjectStore.Deletion;
import dev.lifeboat.activities.store.ObjectStore.Refusal;
import dev.lifeboat.workflows.contract.evidence.ReportWords;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Removes many objects, a thousand in a call; one by one where the store does not know how. What a rule of the bucket keeps
 * is no failure, what these keys may not do is one.
 */
final class S3Deletion {

    private static final int MOST = 1000;

    /** The whole call is not understood: what a store of some years ago says to a list of keys, or to its checksum. */
    private static final Set<String> NOT_KNOWN = Set.of(
            "NotImplemented",
            "MethodNotAllowed",
            "MissingContentMD5",
            "InvalidRequest",
            "InvalidArgument",
            "MalformedXML");

    private final S3Client client;
    private final StoreFailures failures;
    private final String bucket;
    private final String prefix;
    private final UnaryOperator<String> address;
    private final List<Refusal> refused = new ArrayList<>();
    private int asVersions;
    private boolean oneByOne;

    S3Deletion(S3Client client, StoreFailures failures, String bucket, String prefix, UnaryOperator<String> address) {
        this.client = client;
        this.failures = failures;
        this.bucket = bucket;
        this.prefix = prefix;
        this.address = address;
    }

    Deletion delete(List<String> keys) {
        for (int from = 0; from < keys.size(); from += MOST) {
            List<String> some = keys.subList(from, Math.min(keys.size(), from + MOST));
            if (oneByOne || !together(some)) {
                oneByOne = true;
                some.forEach(this::alone);
            }
        }
        return new Deletion(List.copyOf(refused), asVersions);
    }

    /** @return false when the store does not know how */
    private boolean together(List<String> keys) {
        List<ObjectIdentifier> objects = keys.stream()
                .map(key -> ObjectIdentifier.builder().key(prefix + key).build())
                .toList();
        DeleteObjectsResponse answer;
        try {
            answer = client.deleteObjects(request -> request.bucket(bucket).delete(delete -> delete.objects(objects)));
        } catch (SdkException e) {
            if (e instanceof S3Exception said && isNotKnown(said)) {
                return false;
            }
            String what = "delete %s such as %s"
                    .formatted(ReportWords.count(keys.size(), "object", "objects"), address.apply(keys.get(0)));
            throw failures.deletion(what, address.apply(keys.get(0)), e);
        }
        asVersions += (int) answer.deleted().stream()
                .filter(gone -> Boolean.TRUE.equals(gone.deleteMarker()))
                .count();
        for (S3Error error : answer.errors()) {
            String key = error.key().substring(prefix.length());
            judge(key, StoreFailures.answer(error.code(), error.message()));
        }
        return true;
    }

    private void alone(String key) {
        try {
            boolean marker = Boolean.TRUE.equals(
                    client.deleteObject(delete -> delete.bucket(bucket).key(prefix + key))
                            .deleteMarker());
            asVersions += marker ? 1 : 0;
        } catch (SdkException e) {
            judge(key, e);
        }
    }

    private void judge(String key, SdkException said) {
        if (StoreFailures.isMissing(said)) {
            return;
        }
        Optional<String> rule = StoreFailures.keptByTheBucket(said);
        if (rule.isEmpty()) {
            throw failures.deletion("delete " + address.apply(key), address.apply(key), said);
        }
        refused.add(new Refusal(key, rule.get()));
    }

    private static boolean isNotKnown(S3Exception said) {
        return said.statusCode() == 501
                || said.statusCode() == 405
                || said.statusCode() == 400 && NOT_KNOWN.contains(StoreFailures.errorCode(said));
    }
}
