package dev.lifeboat.workflows.domain.postgres;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;

/** Where a recovery was asked to stop (PostgreSQL, "Recovery Target"). Where it did stop is a {@link RecoveryPoint}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RecoveryTarget.AtTime.class, name = "time"),
    @JsonSubTypes.Type(value = RecoveryTarget.AtLsn.class, name = "lsn"),
    @JsonSubTypes.Type(value = RecoveryTarget.AtXid.class, name = "xid"),
    @JsonSubTypes.Type(value = RecoveryTarget.AtRestorePoint.class, name = "name"),
    @JsonSubTypes.Type(value = RecoveryTarget.Latest.class, name = "latest"),
    @JsonSubTypes.Type(value = RecoveryTarget.Immediate.class, name = "immediate")
})
public sealed interface RecoveryTarget {

    /** As the operator would type it after {@code --target…}. */
    String asTyped();

    /** Only commits and aborts carry a time, so recovery stops at the first of them that is later. */
    record AtTime(Instant time) implements RecoveryTarget {
        @Override
        public String asTyped() {
            return time.toString();
        }
    }

    record AtLsn(Lsn lsn) implements RecoveryTarget {
        @Override
        public String asTyped() {
            return lsn.toString();
        }
    }

    /** @param xid the 32 bits that WAL carries, unsigned; transactions end in another order than they begin */
    record AtXid(long xid) implements RecoveryTarget {
        @Override
        public String asTyped() {
            return Long.toString(xid);
        }
    }

    /** A mark made by {@code pg_create_restore_point}; being inclusive or not has no meaning for it. */
    record AtRestorePoint(String name) implements RecoveryTarget {
        @Override
        public String asTyped() {
            return name;
        }
    }

    /** The end of the WAL that can be had. */
    record Latest() implements RecoveryTarget {
        @Override
        public String asTyped() {
            return "latest";
        }
    }

    /** The first point where the base backup is consistent. */
    record Immediate() implements RecoveryTarget {
        @Override
        public String asTyped() {
            return "immediate";
        }
    }
}
