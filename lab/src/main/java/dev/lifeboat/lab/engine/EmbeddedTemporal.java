package dev.lifeboat.lab.engine;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Temporal's test server within this process, in real time. It keeps everything in memory, cannot list runs, and never
 * gives a dead worker's sticky tasks to another, so workers must be configured with {@code sticky-workflows: false}.
 */
public final class EmbeddedTemporal implements TemporalEngine {

    private final TestServicesStarter services;
    private final Server server;

    private EmbeddedTemporal(TestServicesStarter services, Server server) {
        this.services = services;
        this.server = server;
    }

    public static EmbeddedTemporal start() {
        // Built by hand since the server's own way listens on every address of the machine.
        TestServicesStarter services = new TestServicesStarter(true, 0);
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.free()));
        GRPCServerHelper.registerServicesAndHealthChecks(services.getServices(), builder);
        try {
            return new EmbeddedTemporal(services, builder.build().start());
        } catch (IOException e) {
            services.close();
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String address() {
        return "127.0.0.1:" + server.getPort();
    }

    @Override
    public Optional<String> uiAddress() {
        return Optional.empty();
    }

    @Override
    public boolean isReal() {
        return false;
    }

    @Override
    public String description() {
        return "Temporal's test server, in memory, without a web interface";
    }

    @Override
    public void close() {
        server.shutdownNow();
        services.close();
    }
}
