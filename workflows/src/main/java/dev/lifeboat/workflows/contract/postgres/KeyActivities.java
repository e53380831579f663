package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temporal.activity.ActivityInterface;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who may decrypt what is in the bucket already. */
@ActivityInterface(namePrefix = "Key")
public interface KeyActivities {

    /**
     * Wraps the keys of a cluster's encrypted objects anew, some of them: a part that a person at a terminal can wait for.
     * Writes headers only. Those that are right are left alone, so a second call goes on where the first was killed.
     */
    RewrapPart rewrap(RewrapOrder order);

    /**
     * @param added base64 of a public key that gets access beside all that have it; null where the recipients of the
     *     worker's {@code lifeboat.yaml} get it and all others lose it
     * @param apply without it nothing is written
     * @param after the key of the object behind which to go on; null for the first part
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RewrapOrder(String cluster, @Nullable String added, boolean apply, @Nullable String after) {}

    /**
     * @param seen         encrypted objects that were looked at
     * @param changed      those whose header was, or would be, written
     * @param failures     objects that stay as they are, each with the reason
     * @param recipients   ids of those that get access
     * @param keepsIdentity whether the worker can decrypt them afterwards
     * @param next         to go on behind; null at the end
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RewrapPart(
            int seen,
            int changed,
            List<String> failures,
            List<String> recipients,
            boolean keepsIdentity,
            @Nullable String next) {}
}
