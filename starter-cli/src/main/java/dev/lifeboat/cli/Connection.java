package dev.lifeboat.cli;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.LifeboatConfig;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.temporal.serviceclient.SimpleSslContextBuilder;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Opens the way to Temporal; nothing is sent before the first call. */
final class Connection {

    private static final Duration END = Duration.ofMillis(200);

    private Connection() {}

    static Gateway open(LifeboatConfig.Temporal temporal, Map<String, String> environment) {
        WorkflowServiceStubsOptions.Builder options =
                WorkflowServiceStubsOptions.newBuilder().setTarget(temporal.address());
        if (temporal.apiKey() != null) {
            String key = temporal.apiKey().resolve(environment);
            options.addApiKey(() -> key);
        }
        if (temporal.tls() != null) {
            options.setSslContext(ssl(temporal.tls()));
        } else if (temporal.apiKey() != null) {
            options.setEnableHttps(true);
        }
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("temporal", true), NioIoHandler.newFactory());
        options.setChannelInitializer(channel -> initialise(channel, temporal.tls(), loop));
        WorkflowServiceStubs stubs = WorkflowServiceStubs.newServiceStubs(options.build());
        return new Gateway(stubs, temporal.namespace(), () -> {
            stubs.shutdownNow();
            end(loop);
        });
    }

    private static void initialise(
            ManagedChannelBuilder<?> channel, LifeboatConfig.@Nullable Tls tls, EventLoopGroup loop) {
        if (channel instanceof NettyChannelBuilder netty) {
            netty.eventLoopGroup(loop).channelType(NioSocketChannel.class);
        }
        if (tls != null && tls.serverName() != null) {
            channel.overrideAuthority(tls.serverName());
        }
    }

    /** A thread that still waits for the network, as gRPC's own would for a second, makes Java exit 0.3 s later. */
    private static void end(EventLoopGroup loop) {
        loop.shutdownGracefully(0, END.toMillis(), TimeUnit.MILLISECONDS).awaitUninterruptibly(END.toMillis());
    }

    private static SslContext ssl(LifeboatConfig.Tls tls) {
        try (InputStream certificate = stream(tls.clientCert());
                InputStream key = stream(tls.clientKey());
                InputStream authority = stream(tls.serverCaCert())) {
            SimpleSslContextBuilder builder = certificate == null || key == null
                    ? SimpleSslContextBuilder.noKeyOrCertChain()
                    : SimpleSslContextBuilder.forPKCS8(certificate, key);
            if (authority != null) {
                builder.setTrustManager(trust(authority));
            }
            return builder.build();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new ConfigException(
                    "cannot read the certificates of temporal.tls: " + e.getMessage(),
                    "check server-ca-cert-path, client-cert-path and client-key-path; the key must be PKCS#8");
        }
    }

    private static TrustManager trust(InputStream authority) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(authority)) {
            store.setCertificateEntry("authority-" + number++, certificate);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers()[0];
    }

    private static @Nullable InputStream stream(@Nullable Path file) throws IOException {
        return file == null ? null : Files.newInputStream(file);
    }
}
