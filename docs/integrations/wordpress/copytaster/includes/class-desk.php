<?php
/**
 * What editors see of posts that were checked: the column of the list, and notices.
 *
 * @package Copytaster
 */

namespace Copytaster;

use WP_Post;

defined( 'ABSPATH' ) || exit;

/** Reads what is kept with posts; decides nothing. */
final class Desk {

	/** Hooks. */
	public static function register() {
		add_action(
			'admin_init',
			function () {
				foreach ( (array) Settings::get( 'post_types' ) as $type ) {
					add_filter( "manage_{$type}_posts_columns", array( __CLASS__, 'columns' ) );
					add_action( "manage_{$type}_posts_custom_column", array( __CLASS__, 'cell' ), 10, 2 );
				}
			}
		);
		add_action( 'admin_notices', array( __CLASS__, 'notices' ) );
	}

	/** The column. */
	public static function columns( $columns ) {
		return $columns + array( 'copytaster' => 'copytaster' );
	}

	/** A post's cell in it. */
	public static function cell( $column, $post_id ) {
		$decision = 'copytaster' === $column ? Decision::of_post( $post_id ) : null;
		if ( ! $decision ) {
			return;
		}
		printf( '<strong>%s</strong>', esc_html( $decision->label() ) );
		if ( Decision::CLEARED !== $decision->state ) {
			printf( '<br>%s', esc_html( '' === $decision->note ? $decision->why() : $decision->note ) );
		}
		$post = get_post( $post_id );
		if ( Item::digest( Item::of_post( $post ) ) !== $decision->digest ) {
			printf( '<br><em>%s</em>', esc_html__( 'Changed since.', 'copytaster' ) );
		}
	}

	/** Leaves a notice for whoever has just tried to publish a post. */
	public static function tell( WP_Post $post, Decision $decision ) {
		$user = get_current_user_id();
		if ( ! $user || ( defined( 'REST_REQUEST' ) && REST_REQUEST ) ) {
			return; // The schedule has no reader, and the block editor has the panel.
		}
		$key             = "copytaster_held_$user";
		$held            = get_transient( $key );
		$held            = is_array( $held ) ? $held : array();
		$held[ $post->ID ] = true;
		set_transient( $key, $held, HOUR_IN_SECONDS );
	}

	/** Shows these notices once, and to administrators what the service has refused. */
	public static function notices() {
		$key  = 'copytaster_held_' . get_current_user_id();
		$held = get_transient( $key );
		if ( is_array( $held ) ) {
			delete_transient( $key );
			foreach ( array_keys( $held ) as $post_id ) {
				self::notice( (int) $post_id );
			}
		}
		$refused = get_option( 'copytaster_refused', '' );
		if ( $refused && current_user_can( 'manage_options' ) ) {
			/* translators: %s: item id and the service's answer */
			printf( '<div class="notice notice-error"><p>%s</p></div>', esc_html( sprintf( __( 'copytaster did not take what this site told it. %s', 'copytaster' ), $refused ) ) );
		}
	}

	/** Why a post was held, for people, as HTML. */
	public static function details( Decision $decision ) {
		$html = sprintf( '<p><strong>%s</strong></p>', esc_html( $decision->label() ) );
		if ( '' !== $decision->note ) {
			$editor = get_userdata( $decision->editor );
			$html  .= sprintf( '<p>%s: “%s”</p>', esc_html( $editor ? $editor->display_name : '' ), esc_html( $decision->note ) );
		}
		$html .= self::bullets( array_column( $decision->evidence['reasons'], 'text' ) );
		foreach ( $decision->evidence['matches'] as $match ) {
			$title = '' === $match['title'] ? $match['id'] : $match['title'];
			$named = '' === $match['url'] ? esc_html( $title ) : sprintf( '<a href="%s" target="_blank" rel="noopener">%s</a>', esc_url( $match['url'] ), esc_html( $title ) );
			$html .= sprintf( '<p>%s: %s<br>%s</p>', esc_html__( 'Earlier item', 'copytaster' ), $named, esc_html( implode( ', ', array_filter( array( $match['source'], $match['kind'] ) ) ) ) );
			$html .= self::bullets( $match['passages'] );
		}
		if ( $decision->evidence['filler'] ) {
			$html .= sprintf( '<p>%s</p>%s', esc_html__( 'Sentences that say little', 'copytaster' ), self::bullets( array_column( $decision->evidence['filler'], 'text' ) ) );
		}
		return $html;
	}

	/** One notice. */
	private static function notice( $post_id ) {
		$decision = Decision::of_post( $post_id );
		if ( ! $decision || ! current_user_can( 'edit_post', $post_id ) ) {
			return;
		}
		$live = 'publish' === get_post_status( $post_id );
		/* translators: %s: title of the post */
		$text = $live ? __( 'The change of “%s” was not published; it is kept as a revision.', 'copytaster' ) : __( '“%s” was not published; it is pending.', 'copytaster' );
		printf( '<div class="notice notice-warning is-dismissible"><p>%s</p>%s</div>', esc_html( sprintf( $text, get_the_title( $post_id ) ) ), wp_kses_post( self::details( $decision ) ) );
	}

	/** A list of texts as HTML. */
	private static function bullets( array $texts ) {
		if ( ! $texts ) {
			return '';
		}
		return '<ul class="ul-disc"><li>' . implode( '</li><li>', array_map( 'esc_html', $texts ) ) . '</li></ul>';
	}
}
